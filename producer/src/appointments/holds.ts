import { checkHold, type Hold } from "../domain/hold-time.ts";
import { formatLocal } from "../domain/local-time.ts";
import { commandContext, toReply } from "../http/command-context.ts";
import { serve, type Served } from "../http/serve-operation.ts";
import type { CommandPath } from "../postgres/command-path.ts";
import * as operations from "./hold-operations.ts";
import { redeemHold, takeHold } from "./hold-store.ts";
import { type AlternativesDeps, offeringAlternatives } from "./offer-alternatives.ts";

export function serveHolds(
  deps: AlternativesDeps & {
    commandPath: CommandPath;
    newAppointmentId: () => string;
  },
): Served[] {
  const { commandPath, now } = deps;
  return [
    serve(operations.holdTime, async ({ body }, call) => {
      const { doctorId, appointmentDate: start, durationMinutes = 30 } = body;
      const { holdMinutes = operations.usualHoldMinutes } = body;
      const endsAt = new Date(start.at.getTime() + durationMinutes * 60_000);
      const hold: Hold = { id: deps.newAppointmentId(), doctorId, startsAt: start.at, endsAt };
      const executed = await offeringAlternatives(
        deps,
        () => ({ ...hold, durationMinutes }),
        () =>
          commandPath.executeUnpublished({
            doctorId,
            write: async (tx, known) => {
              const doctor = checkHold({ doctorId, start, durationMinutes }, known, now());
              const expiresAt = (await takeHold(tx, hold, holdMinutes)).toISOString();
              const appointmentDate = formatLocal(start.at, doctor.timeZone);
              const view = { id: hold.id, doctorId, appointmentDate, durationMinutes, expiresAt };
              return { status: 201, headers: {}, body: JSON.stringify(view) };
            },
          }, commandContext(call)),
      );
      return toReply(executed);
    }),

    serve(operations.releaseHold, async ({ params }, call) => {
      const executed = await commandPath.executeUnpublished({
        write: async (tx) => {
          await redeemHold(tx, params.id);
          return { status: 204, headers: {}, body: "" };
        },
      }, commandContext(call));
      return toReply(executed);
    }),
  ];
}
