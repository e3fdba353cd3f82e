import type { Appointment } from "../domain/appointment.ts";
import { isUuid } from "../formats.ts";
import { type AppointmentFilter, listAppointments, type Sort } from "./appointment-list.ts";
import type { Sql } from "../postgres/database.ts";
import * as operations from "./list-operations.ts";
import { presentAppointment } from "./appointment-view.ts";
import { fromCursor, linkTo, type Position, toCursor } from "../http/page.ts";
import { serve, type Served } from "../http/serve-operation.ts";

type Query = AppointmentFilter & { sort?: Sort | undefined; limit: number; cursor?: string | undefined };

function isPosition([at = "", id = "", ...rest]: Position): boolean {
  return /^(?!0000)\d{4}-\d{2}-\d{2}T[\d:.]{12}Z$/.test(at) && !Number.isNaN(Date.parse(at)) && isUuid(id) &&
    rest.length === 0;
}

/** Without a wish: in the order of what the list is narrowed by, since only that order's index narrows it. */
export function usualSort({ updatedSince, createdSince }: AppointmentFilter): Sort {
  if (updatedSince !== undefined) return "updatedAt";
  return createdSince === undefined ? "appointmentDate" : "createdAt";
}

export function serveLists({ sql }: { sql: Sql }): Served[] {
  async function read({ limit, cursor, sort: wished, ...filter }: Query, place: "query" | "body") {
    const sort = wished ?? usualSort(filter);
    const question = { sort, ...filter };
    const [at, id] = fromCursor(question, cursor, isPosition, place) ?? [];
    const after = at && id ? { at: new Date(at), id } : undefined;
    // One more than asked for tells whether there is a next page.
    const found = await listAppointments(sql, { filter, sort, after, limit: limit + 1 });
    const items = found.slice(0, limit);
    const last = items.at(-1);
    const next = found.length > limit && last ? toCursor(question, positionOf(last, sort)) : undefined;
    return { items: items.map(presentAppointment), ...(next === undefined ? {} : { next }) };
  }

  return [
    serve(operations.listAppointments, async ({ query }, call) => {
      const body = await read(query, "query");
      return { status: 200, body, headers: linkTo(call.url, body.next) };
    }),
    serve(operations.searchAppointments, async ({ body }) => ({ status: 200, body: await read(body, "body") })),
  ];
}

function positionOf(appointment: Appointment, sort: Sort): Position {
  const { startsAt, createdAt, updatedAt } = appointment;
  const at = sort.endsWith("updatedAt") ? updatedAt : sort.endsWith("createdAt") ? createdAt : startsAt;
  return [at.toISOString(), appointment.id];
}
