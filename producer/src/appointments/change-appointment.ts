import { annotating } from "../domain/annotate-appointment.ts";
import { type Appointment, requireAppointment, requirePatient } from "../domain/appointment.ts";
import { changeContact, contactFields } from "../domain/change-contact.ts";
import { rescheduleAppointment, staysWithin } from "../domain/reschedule-appointment.ts";
import { appointmentStore } from "./appointment-store.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import { changeAppointment } from "./appointment-operations.ts";
import { answerAppointment } from "./appointment-view.ts";
import { commandContext, toReply } from "../http/command-context.ts";
import { type AlternativesDeps, offeringAlternatives } from "./offer-alternatives.ts";
import type { Input } from "../http/operation.ts";
import { requireOverbookScope } from "./overbook.ts";
import { demandPrecondition, requireMatch } from "../http/preconditions.ts";
import { malformed, pointerTo } from "../http/request-error.ts";
import { serve, type Served } from "../http/serve-operation.ts";

type Change = Input<typeof changeAppointment>["body"];

function refuse(detail: string, pointers: string[]): never {
  throw malformed(detail, pointers.map((pointer) => ({ in: "body", pointer, detail })));
}

/**
 * One request is one event at most, so it changes either the visit or the way to reach the patient. `overbook: false`
 * moves an overbooked visit only: generated clients send it with whatever they change.
 */
function isReschedule(change: Change, current?: Appointment): boolean {
  const { doctorId, appointmentDate, durationMinutes, timeZone, overbook } = change;
  const moves = overbook || (overbook === false && current?.overbooked) ||
    [doctorId, appointmentDate, durationMinutes, timeZone].some((field) => field !== undefined);
  const reaching = contactFields.filter((name) => change[name] !== undefined);
  if (moves && reaching.length > 0) {
    refuse("Change the visit and the contact in two requests", reaching.map((name) => pointerTo([name])));
  }
  const any = Object.values(change).some((field) => field !== undefined);
  if (!any) refuse("The request changes nothing", ["#"]);
  return moves === true;
}

export function serveChange(deps: AlternativesDeps & { commandPath: CommandPath }): Served[] {
  const { commandPath, now } = deps;
  return [
    serve(changeAppointment, async ({ params, body }, call) => {
      demandPrecondition(call);
      isReschedule(body);
      requireOverbookScope(body.overbook === true, call);
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
          doctorId: (current) => (isReschedule(body, current) ? doctorId ?? current?.doctorId : undefined),
          decide: (found, doctor) => {
            const current = before = requireAppointment(found, params.id);
            requireMatch(call, current);
            requirePatient(current);
            const command = { start, doctorId, durationMinutes, timeZone, overbook };
            if (!isReschedule(body, current)) {
              return annotating(body, current, now(), changeContact(body, current, now()));
            }
            const staysOverbooked = overbook === undefined && current.overbooked;
            if (staysOverbooked && !staysWithin(command, current)) requireOverbookScope(true, call);
            return annotating(body, current, now(), rescheduleAppointment(command, current, doctor, now()));
          },
          answer: answerAppointment,
        }, commandContext(call)));
      return toReply(executed);
    }),
  ];
}
