import { annotating } from "../domain/annotate-appointment.ts";
import { type Appointment, requireAppointment } from "../domain/appointment.ts";
import { changeContact, contactFields } from "../domain/change-contact.ts";
import { rescheduleAppointment } from "../domain/reschedule-appointment.ts";
import { appointmentStore } from "./appointment-store.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import type { Sql } from "../postgres/database.ts";
import { changeAppointment } from "./appointment-operations.ts";
import { answerAppointment } from "./appointment-view.ts";
import { commandContext, toReply } from "../http/command-context.ts";
import { offeringAlternatives } from "./offer-alternatives.ts";
import type { Input } from "../http/operation.ts";
import { requireOverbookScope } from "./overbook.ts";
import { demandPrecondition, requireMatch } from "../http/preconditions.ts";
import { malformed, pointerTo } from "../http/request-error.ts";
import { serve, type Served } from "../http/serve-operation.ts";

type Change = Input<typeof changeAppointment>["body"];

/** One request is one event at most, so it changes either the visit or the way to reach the patient. */
function isReschedule(change: Change): boolean {
  const { doctorId, appointmentDate, durationMinutes, timeZone, overbook } = change;
  const moves = overbook || [doctorId, appointmentDate, durationMinutes, timeZone].some((field) => field !== undefined);
  const reaching = contactFields.filter((name) => change[name] !== undefined);
  const refuse = (detail: string, pointers: string[]) =>
    malformed(detail, pointers.map((pointer) => ({ in: "body", pointer, detail })));
  if (moves && reaching.length > 0) {
    throw refuse("Change the visit and the contact in two requests", reaching.map((name) => pointerTo([name])));
  }
  const notes = (["reference", "metadata"] as const).filter((name) => change[name] !== undefined);
  if (!moves && reaching.length + notes.length === 0) throw refuse("The request changes nothing", ["#"]);
  return moves;
}

export function serveChange(deps: { sql: Sql; commandPath: CommandPath; now: () => Date }): Served[] {
  const { commandPath, now } = deps;
  return [
    serve(changeAppointment, async ({ params, body }, call) => {
      demandPrecondition(call);
      const moves = isReschedule(body);
      requireOverbookScope(body.overbook, call);
      const { appointmentDate: start, doctorId, durationMinutes, timeZone, overbook } = body;
      let before: Appointment | undefined;
      const wanted = () => ({
        doctorId: doctorId ?? before?.doctorId ?? "",
        startsAt: start?.at ?? before?.startsAt ?? now(),
        durationMinutes: durationMinutes ?? before?.durationMinutes ?? 30,
        moving: before,
      });
      const executed = await offeringAlternatives(deps, wanted, () =>
        commandPath.execute(appointmentStore, {
          id: params.id,
          doctorId: (current) => (moves ? doctorId ?? current?.doctorId : undefined),
          decide: (found, doctor) => {
            const current = before = requireAppointment(found, params.id);
            requireMatch(call, current);
            const decided = moves
              ? rescheduleAppointment({ start, doctorId, durationMinutes, timeZone, overbook }, current, doctor, now())
              : changeContact(body, current, now());
            return annotating(body, current, now(), decided);
          },
          answer: answerAppointment,
        }, commandContext(call)));
      return toReply(executed);
    }),
  ];
}
