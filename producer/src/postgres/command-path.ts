import type { Decision } from "../domain/decision.ts";
import type { Doctor } from "../domain/doctor.ts";
import { sealEvent } from "../domain/seal-event.ts";
import type { Sql, SqlOrTx, Tx } from "./database.ts";
import { lockDoctor } from "./doctor-store.ts";
import { appendToOutbox } from "./outbox-store.ts";
import { retryConflict, StaleState } from "./retry-conflict.ts";

/** How the states of one kind of aggregate are kept. `save` is false when the version before is no longer there. */
export type AggregateStore<State> = {
  readonly type: "appointment" | "doctor";
  find(sql: SqlOrTx, id: string): Promise<State | undefined>;
  save(tx: Tx, state: State): Promise<boolean>;
};

/** Who asked, and under which correlation and trace. */
export type CommandContext = {
  readonly actor: string;
  readonly correlationId: string;
  readonly traceparent: string;
  readonly tracestate: string | undefined;
};

export type Command<State> = {
  readonly id: string;
  /** The doctor whose calendar is concerned, if any. */
  readonly doctorId?: (current: State | undefined) => string | undefined;
  /** Pure. Nothing to do is undefined. */
  readonly decide: (current: State | undefined, doctor: Doctor | undefined) => Decision<State> | undefined;
};

type Versioned = { readonly version: number; readonly updatedAt: Date };

export type CommandPath = ReturnType<typeof createCommandPath>;

/** The only way to write: the new state and its event commit together, or neither does. */
export function createCommandPath(deps: {
  sql: Sql;
  newEventId: () => string;
  onCommitted: () => void;
}) {
  async function apply<State extends Versioned>(
    tx: Tx,
    store: AggregateStore<State>,
    command: Command<State>,
    context: CommandContext,
  ): Promise<{ state: State; changed: boolean }> {
    const current = await store.find(tx, command.id);
    const doctorId = command.doctorId?.(current);
    const doctor = doctorId === undefined ? undefined : await lockDoctor(tx, doctorId);
    const decision = command.decide(current, doctor);
    if (!decision) {
      if (!current) throw new Error(`Deciding nothing about ${store.type} ${command.id}, which does not exist`);
      return { state: current, changed: false };
    }

    const state = decision.next;
    if (!(await store.save(tx, state))) throw new StaleState(`${store.type} ${command.id}`);
    const event = sealEvent(decision.event, {
      eventId: deps.newEventId(),
      aggregateId: command.id,
      aggregateVersion: state.version,
      occurredAt: state.updatedAt,
      correlationId: context.correlationId,
      actor: context.actor,
    });
    await appendToOutbox(tx, store.type, event, context);
    return { state, changed: true };
  }

  return {
    async execute<State extends Versioned>(
      store: AggregateStore<State>,
      command: Command<State>,
      context: CommandContext,
    ): Promise<{ state: State; changed: boolean }> {
      const written = await retryConflict(() => deps.sql.begin((tx) => apply(tx, store, command, context)));
      if (written.changed) deps.onCommitted();
      return written as { state: State; changed: boolean };
    },
  };
}
