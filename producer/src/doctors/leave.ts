import { selectAffected } from "../appointments/affected-visits.ts";
import { presentAppointment } from "../appointments/appointment-view.ts";
import { addAbsence, intervalOf } from "../domain/absence.ts";
import type { Doctor } from "../domain/doctor.ts";
import { retireDoctor, returnDoctor } from "../domain/retire-doctor.ts";
import type { Interval } from "../domain/working-time.ts";
import { refuseWithoutScope } from "../http/challenge.ts";
import { commandContext, toAnswer, toReply } from "../http/command-context.ts";
import { requireMatch } from "../http/preconditions.ts";
import { type Call, serve, type Served } from "../http/serve-operation.ts";
import type { Command, CommandPath } from "../postgres/command-path.ts";
import type { Tx } from "../postgres/database.ts";
import { doctorStore } from "./doctor-store.ts";
import { presentDoctor } from "./doctor-view.ts";
import * as operations from "./leave-operations.ts";
import { requireDoctor } from "./require-doctor.ts";

/** A doctor who is away for some days, or for good. */
export function serveLeave({ commandPath, now }: { commandPath: CommandPath; now: () => Date }): Served[] {
  async function change(
    id: string,
    call: Call,
    decide: (current: Doctor) => ReturnType<typeof retireDoctor>,
    answer: Command<Doctor>["answer"],
  ) {
    const executed = await commandPath.execute(doctorStore, {
      id,
      decide: (found) => {
        const current = requireDoctor(found, id);
        requireMatch(call, current);
        return decide(current);
      },
      answer,
    }, commandContext(call));
    return toReply(executed);
  }

  /** The doctor's row is locked where it was changed, so that no visit is booked between this and the answer. */
  async function withAffected(doctor: Doctor, range: Interval, tx: Tx) {
    const { visits, total } = await selectAffected(tx, doctor.id, range);
    const view = { doctor: presentDoctor(doctor), visits: visits.map(presentAppointment), totalVisits: total };
    return toAnswer(200, doctor, view);
  }

  return [
    serve(operations.addAbsence, ({ params, body }, call) => {
      requireReading(call);
      return change(
        params.id,
        call,
        (current) => addAbsence(body, current, now()),
        (doctor, _, tx) => withAffected(doctor, intervalOf(body, doctor, now()), tx),
      );
    }),
    serve(operations.retireDoctor, ({ params }, call) => {
      requireReading(call);
      return change(
        params.id,
        call,
        (current) => retireDoctor(current, now()),
        (doctor, _, tx) => withAffected(doctor, { from: now().getTime(), to: Infinity }, tx),
      );
    }),
    serve(operations.returnDoctor, ({ params }, call) =>
      change(
        params.id,
        call,
        (current) => returnDoctor(current, now()),
        (doctor) => toAnswer(200, doctor, presentDoctor(doctor)),
      )),
  ];
}

function requireReading({ principal }: Call): void {
  if (principal.scopes.includes("appointments:read")) return;
  refuseWithoutScope(principal, ["doctors:write", "appointments:read"], "The answer needs the scope appointments:read");
}
