import type { Sql } from "../postgres/database.ts";
import { type ArchivedEvent, type EventQuery, type PendingEvent, selectArchive, selectPending } from "./event-log.ts";
import type { Input } from "../http/operation.ts";
import * as operations from "./ops-operations.ts";
import { fromCursor, linkTo, type Position, toCursor } from "../http/page.ts";
import { type Call, serve, type Served } from "../http/serve-operation.ts";

const isPosition = ([position = "", ...rest]: Position) => /^\d{1,18}$/.test(position) && rest.length === 0;

export function serveOps({ sql }: { sql: Sql }): Served[] {
  async function answerPage<Event extends { position: number }>(
    list: string,
    { limit, cursor, ...filter }: Input<typeof operations.listArchive>["query"],
    call: Call,
    select: (query: EventQuery) => Promise<Event[]>,
    present: (event: Event) => object,
  ) {
    const question = { list, ...filter };
    const [after] = fromCursor(question, cursor, isPosition) ?? [];
    const found = await select({ filter, after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const next = found.length > limit && last ? toCursor(question, [String(last.position)]) : undefined;
    const body = { items: items.map(present), ...(next === undefined ? {} : { next }) };
    return { status: 200, body, headers: linkTo(call.url, next) };
  }

  return [
    serve(
      operations.listArchive,
      ({ query }, call) =>
        answerPage("archive", query, call, (question) => selectArchive(sql, question), presentArchived),
    ),
    serve(
      operations.listOutbox,
      ({ query }, call) =>
        answerPage("outbox", query, call, (question) => selectPending(sql, question), presentPending),
    ),
  ];
}

function presentArchived({ committedAt, failedPublications, ...event }: ArchivedEvent): object {
  return {
    ...event,
    publishedAt: event.publishedAt.toISOString(),
    ...(committedAt ? { committedAt: committedAt.toISOString() } : {}),
    ...(failedPublications === null ? {} : { failedPublications }),
  };
}

function presentPending({ lastAttemptAt, lastError, createdAt, ...rest }: PendingEvent): object {
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    ...(lastAttemptAt ? { lastAttemptAt: lastAttemptAt.toISOString() } : {}),
    ...(lastError === null ? {} : { lastError }),
  };
}
