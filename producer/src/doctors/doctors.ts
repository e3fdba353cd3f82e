import * as v from "valibot";
import { putDoctor } from "../domain/put-doctor.ts";
import type { Interval } from "../domain/working-time.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import type { Sql } from "../postgres/database.ts";
import { doctorStore, listDoctors } from "./doctor-store.ts";
import { commandContext, toAnswer, toReply } from "../http/command-context.ts";
import * as operations from "./doctor-operations.ts";
import { serveLeave } from "./leave.ts";
import { requireDoctor } from "./require-doctor.ts";
import { presentDoctor } from "./doctor-view.ts";
import { doctorId } from "../http/fields.ts";
import { findFreeSlots } from "../appointments/find-free-slots.ts";
import { fromCursor, linkTo, type Position, toCursor } from "../http/page.ts";
import { entityTag, isUnchanged, requireAbsence, requireMatch } from "../http/preconditions.ts";
import { malformed } from "../http/request-error.ts";
import { serve, type Served } from "../http/serve-operation.ts";
import { presentSlots } from "../appointments/present-slots.ts";

const longestMs = 31 * 86_400_000;

const isPosition = ([id, ...rest]: Position) => v.is(doctorId, id) && rest.length === 0;

function requireRange(from: Date, to: Date): Interval {
  const range = { from: from.getTime(), to: to.getTime() };
  const detail = "expected a time after from, by 31 days at most";
  if (range.to > range.from && range.to - range.from <= longestMs) return range;
  throw malformed(`to: ${detail}`, [{ in: "query", pointer: "#/to", detail }]);
}

export function serveDoctors(deps: { sql: Sql; commandPath: CommandPath; now: () => Date }): Served[] {
  const { sql, commandPath, now } = deps;
  return [
    serve(operations.putDoctor, async ({ params, body }, call) => {
      const { name, email, phone, timeZone, workingHours, exceptions } = body;
      const command = { id: params.id, name, email, phone, timeZone, workingHours, exceptions };
      const executed = await commandPath.execute(doctorStore, {
        id: params.id,
        decide: (current) => {
          requireMatch(call, current);
          requireAbsence(call, current);
          return putDoctor(command, current, now());
        },
        answer: (state, changed) =>
          changed && state.version === 1
            ? toAnswer(201, state, presentDoctor(state), `/v1/doctors/${params.id}`)
            : toAnswer(200, state, presentDoctor(state)),
      }, commandContext(call));
      return toReply(executed);
    }),

    serve(operations.getDoctor, async ({ params }, call) => {
      const doctor = requireDoctor(await doctorStore.find(sql, params.id), params.id);
      if (isUnchanged(call, doctor)) return { status: 304, headers: entityTag(doctor) };
      return { status: 200, body: presentDoctor(doctor), headers: entityTag(doctor) };
    }),

    serve(operations.listDoctors, async ({ query }, call) => {
      const question = { list: "doctors" };
      const [after] = fromCursor(question, query.cursor, isPosition) ?? [];
      const found = await listDoctors(sql, { after, limit: query.limit + 1 });
      const items = found.slice(0, query.limit);
      const last = items.at(-1);
      const next = found.length > query.limit && last ? toCursor(question, [last.id]) : undefined;
      const body = { items: items.map(presentDoctor), ...(next === undefined ? {} : { next }) };
      return { status: 200, body, headers: linkTo(call.url, next) };
    }),

    serve(operations.listSlots, async ({ params, query }) => {
      const range = requireRange(query.from, query.to);
      const doctor = requireDoctor(await doctorStore.find(sql, params.id), params.id);
      const { durationMinutes } = query;
      const slots = await findFreeSlots(sql, {
        doctor,
        range,
        now: now(),
        durationMinutes,
        stepMinutes: durationMinutes,
      });
      return { status: 200, body: { items: presentSlots(slots, doctor.timeZone) } };
    }),

    ...serveLeave(deps),
  ];
}
