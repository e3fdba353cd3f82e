import type { Amendment, Decision, EventDraft } from "../domain/decision.ts";
import type { Doctor } from "../domain/doctor.ts";
import type { AggregateStore, AppendEvent, EventOrigin, LockDoctor } from "../domain/ports.ts";
import { sealEvent } from "../domain/seal-event.ts";
import type { Sql, SqlOrTx, Tx } from "./database.ts";
import { claimKey, type Idempotency, keepAnswer, type StoredAnswer } from "./idempotency-store.ts";
import { retryConflict, StaleState } from "./retry-conflict.ts";

export type Store<State> = AggregateStore<State, SqlOrTx, Tx>;

/** Who asked, and under which correlation and trace. */
export type CommandContext = EventOrigin & {
  readonly actor: string;
  readonly idempotency: Idempotency | undefined;
};

type Versioned = {
  readonly id: string;
  readonly version: number;
  /** Where it isn't the version: some changes have no event. */
  readonly aggregateVersion?: number;
  readonly updatedAt: Date;
};

export type Command<State> = {
  readonly id: string;
  /** The id was made for this command: nothing is there to be looked up. */
  readonly isNew?: boolean;
  /** The doctor whose calendar is concerned, if any. */
  readonly doctorId?: (current: State | undefined) => string | undefined;
  /** What the decision rests on besides; the doctor is locked by now. */
  readonly prepare?: (tx: Tx) => Promise<void>;
  /** Pure. Nothing to do is undefined. */
  readonly decide: (
    current: State | undefined,
    doctor: Doctor | undefined,
  ) => Decision<State> | Amendment<State> | undefined;
  /** What the caller is told; kept with the Idempotency-Key, if there is one. */
  readonly answer: (state: State, changed: boolean, tx: Tx) => StoredAnswer | Promise<StoredAnswer>;
};

/** What changes no aggregate, so that nobody is told of it. */
export type UnpublishedCommand = {
  /** The doctor whose calendar is concerned, if any. */
  readonly doctorId?: string;
  readonly write: (tx: Tx, doctor: Doctor | undefined) => Promise<StoredAnswer>;
};

/** What concerns many aggregates at once, and is told in events of an aggregate of its own. */
export type Announced = {
  readonly aggregate: { readonly type: string; readonly id: string };
  /** In the order of their versions, from 1 on. */
  readonly events: readonly EventDraft[];
  readonly occurredAt: Date;
  readonly answer: StoredAnswer;
};

export type Executed = {
  readonly answer: StoredAnswer;
  readonly replayed: boolean;
  /** The event that was written, if there is anything to tell. */
  readonly eventId?: string | undefined;
};

/**
 * Waits for statements that were sent one after the other without waiting in between, which saves a round trip each.
 * Where some fail, the first says why: PostgreSQL refuses what comes after it in the transaction.
 */
async function inOneGo<A, B>(first: A, second: B): Promise<[Awaited<A>, Awaited<B>]> {
  const settled = await Promise.allSettled([first, second]);
  for (const one of settled) if (one.status === "rejected") throw one.reason;
  return await Promise.all([first, second]);
}

export type CommandPath = ReturnType<typeof createCommandPath>;

/** The only way to write: the new state, its event, if it has one, and the answer commit together, or none of them. */
export function createCommandPath(deps: {
  sql: Sql;
  lockDoctor: LockDoctor<Tx>;
  appendEvent: AppendEvent<Tx>;
  newEventId: () => string;
  onCommitted: () => void;
  /** What a write ended with; undefined when it was taken. */
  onWrite: (failure: unknown) => void;
}) {
  async function transact<State extends Versioned>(
    tx: Tx,
    store: Store<State>,
    command: Command<State>,
    context: CommandContext,
  ): Promise<Executed> {
    const { idempotency } = context;
    const first = idempotency && await claimKey(tx, idempotency);
    if (first) return { answer: first, replayed: true };

    const current = command.isNew ? undefined : await store.find(tx, command.id);
    const doctorId = command.doctorId?.(current);
    const doctor = doctorId === undefined ? undefined : await deps.lockDoctor(tx, doctorId);
    await command.prepare?.(tx);
    const decision = command.decide(current, doctor);
    const state = decision?.next ?? current;
    if (!state) throw new Error(`Deciding nothing about ${store.type} ${command.id}, which does not exist`);

    async function answerAndKeep(): Promise<StoredAnswer> {
      const answer = await command.answer(state as State, decision !== undefined, tx);
      if (idempotency) await keepAnswer(tx, idempotency, answer);
      return answer;
    }
    const [eventId, answer] = await inOneGo(decision && save(tx, store, decision, context), answerAndKeep());
    return { answer, replayed: false, eventId };
  }

  async function transactUnpublished(
    tx: Tx,
    { doctorId, write }: UnpublishedCommand,
    { idempotency }: CommandContext,
  ): Promise<Executed> {
    const first = idempotency && await claimKey(tx, idempotency);
    if (first) return { answer: first, replayed: true };
    const doctor = doctorId === undefined ? undefined : await deps.lockDoctor(tx, doctorId);
    const answer = await write(tx, doctor);
    if (idempotency) await keepAnswer(tx, idempotency, answer);
    return { answer, replayed: false };
  }

  async function transactAnnounced(
    tx: Tx,
    write: (tx: Tx) => Promise<Announced>,
    context: CommandContext,
  ): Promise<Executed> {
    const { idempotency } = context;
    const first = idempotency && await claimKey(tx, idempotency);
    if (first) return { answer: first, replayed: true };
    const { aggregate, events, occurredAt, answer } = await write(tx);
    const sealed = events.map((event, index) =>
      sealEvent(event, {
        eventId: deps.newEventId(),
        aggregateId: aggregate.id,
        aggregateVersion: index + 1,
        occurredAt,
        correlationId: context.correlationId,
        actor: context.actor,
      })
    );
    for (const event of sealed) await deps.appendEvent(tx, aggregate.type, event, context);
    if (idempotency) await keepAnswer(tx, idempotency, answer);
    return { answer, replayed: false, eventId: sealed[0]?.eventId };
  }

  async function save<State extends Versioned>(
    tx: Tx,
    store: Store<State>,
    { event, next }: Decision<State> | Amendment<State>,
    context: CommandContext,
  ): Promise<string | undefined> {
    const saved = async () => {
      if (!(await store.save(tx, next))) throw new StaleState(`${store.type} ${next.id}`);
    };
    if (!event) return void await saved();
    const sealed = sealEvent(event, {
      eventId: deps.newEventId(),
      aggregateId: next.id,
      aggregateVersion: next.aggregateVersion ?? next.version,
      occurredAt: next.updatedAt,
      correlationId: context.correlationId,
      actor: context.actor,
    });
    await inOneGo(saved(), deps.appendEvent(tx, store.type, sealed, context));
    return sealed.eventId;
  }

  return {
    async executeUnpublished(command: UnpublishedCommand, context: CommandContext): Promise<Executed> {
      try {
        const executed = await retryConflict(() => deps.sql.begin((tx) => transactUnpublished(tx, command, context)));
        return executed as Executed;
      } catch (error) {
        deps.onWrite(error);
        throw error;
      }
    },

    async executeAnnounced(write: (tx: Tx) => Promise<Announced>, context: CommandContext): Promise<Executed> {
      try {
        const executed = await retryConflict(() => deps.sql.begin((tx) => transactAnnounced(tx, write, context)));
        deps.onCommitted();
        return executed as Executed;
      } catch (error) {
        deps.onWrite(error);
        throw error;
      }
    },

    async execute<State extends Versioned>(
      store: Store<State>,
      command: Command<State>,
      context: CommandContext,
    ): Promise<Executed> {
      try {
        const executed = await retryConflict(() =>
          deps.sql.begin((tx) => transact(tx, store, command, context))
        ) as Executed;
        if (executed.eventId !== undefined) deps.onWrite(undefined);
        deps.onCommitted();
        return executed;
      } catch (error) {
        deps.onWrite(error);
        throw error;
      }
    },
  };
}
