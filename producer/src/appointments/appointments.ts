import { type Appointment, requireAppointment } from "../domain/appointment.ts";
import { bookAppointment } from "../domain/book-appointment.ts";
import { cancelAppointment, type Step, takeStep } from "../domain/course-of-visit.ts";
import { requireHold } from "../domain/hold-time.ts";
import { redeemHold } from "./hold-store.ts";
import type { ArriveLead } from "../domain/earliest-step.ts";
import { reopenAppointment } from "../domain/reopen-appointment.ts";
import { appointmentStore } from "./appointment-store.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import { answerAppointment, presentAppointment } from "./appointment-view.ts";
import * as actions from "./action-operations.ts";
import * as operations from "./appointment-operations.ts";
import { serveChange } from "./change-appointment.ts";
import { commandContext, toAnswer, toReply } from "../http/command-context.ts";
import { serveLists } from "./list-appointments.ts";
import { type AlternativesDeps, offeringAlternatives } from "./offer-alternatives.ts";
import { requireOverbookScope } from "./overbook.ts";
import { entityTag, isUnchanged, requireMatch } from "../http/preconditions.ts";
import { type Call, serve, type Served } from "../http/serve-operation.ts";

export function serveAppointments(
  deps: AlternativesDeps & {
    commandPath: CommandPath;
    arriveLead: ArriveLead;
    newAppointmentId: () => string;
  },
): Served[] {
  const { sql, commandPath, now, arriveLead } = deps;

  /** One of the actions: what they share is all but the decision. */
  async function act(
    id: string,
    call: Call,
    decide: (current: Appointment) => ReturnType<typeof takeStep>,
    doctorId: (current: Appointment | undefined) => string | undefined = () => undefined,
  ) {
    const executed = await commandPath.execute(appointmentStore, {
      id,
      doctorId,
      decide: (found) => {
        const current = requireAppointment(found, id);
        requireMatch(call, current);
        return decide(current);
      },
      answer: answerAppointment,
    }, commandContext(call));
    return toReply(executed);
  }

  const step = (name: Step) => ({ params }: { params: { id: string } }, call: Call) =>
    act(params.id, call, (current) => takeStep(name, current, now(), arriveLead));

  return [
    serve(operations.bookAppointment, async ({ body }, call) => {
      requireOverbookScope(body.overbook, call);
      const { appointmentDate: start, holdId, ...rest } = body;
      const id = deps.newAppointmentId();
      const wanted = { doctorId: body.doctorId, startsAt: start.at, durationMinutes: body.durationMinutes };
      const executed = await offeringAlternatives(deps, () => wanted, () =>
        commandPath.execute(appointmentStore, {
          id,
          isNew: true,
          doctorId: () => body.doctorId,
          prepare: async (tx) => {
            if (holdId === undefined) return;
            const to = new Date(start.at.getTime() + body.durationMinutes * 60_000);
            requireHold(await redeemHold(tx, holdId), { doctorId: body.doctorId, from: start.at, to });
          },
          decide: (_, doctor) => bookAppointment({ ...rest, id, start }, doctor, now()),
          answer: (state) => toAnswer(201, state, presentAppointment(state), `/v1/appointments/${id}`),
        }, commandContext(call)));
      return toReply(executed);
    }),

    serve(operations.getAppointment, async ({ params }, call) => {
      const appointment = requireAppointment(await appointmentStore.find(sql, params.id), params.id);
      if (isUnchanged(call, appointment)) return { status: 304, headers: entityTag(appointment) };
      return { status: 200, body: presentAppointment(appointment), headers: entityTag(appointment) };
    }),

    serve(
      actions.cancelAppointment,
      ({ params, body }, call) => act(params.id, call, (current) => cancelAppointment(body, current, now())),
    ),
    serve(actions.arriveAppointment, step("arrive")),
    serve(actions.completeAppointment, step("complete")),
    serve(actions.noShowAppointment, step("no-show")),
    serve(actions.reopenAppointment, ({ params: { id } }, call) => {
      let before: Appointment | undefined;
      const wanted = () => before ?? { doctorId: "", startsAt: now(), durationMinutes: 30 };
      const reopen = (current: Appointment) => reopenAppointment(before = current, now());
      // It takes a slot again, so it waits its turn among the doctor's bookings.
      return offeringAlternatives(deps, wanted, () => act(id, call, reopen, (found) => found?.doctorId));
    }),

    ...serveChange(deps),
    ...serveLists(deps),
  ];
}
