import { eventNames } from "../../generated/events.ts";
import type { VisitEvent } from "./turn.ts";

/** What asyncapi.yaml says stands in the place of an erased patient's address and number. */
const placeholders = new Set<unknown>(["erased@erased.invalid", "+9990000000"]);

/** Whether the event is told again after its patient was erased: it has nobody's address, and nobody is to be told. */
export function tellsOfErased(event: VisitEvent): boolean {
  if (event.eventName !== eventNames.appointmentCreated && event.eventName !== eventNames.appointmentContactChanged) {
    return false;
  }
  const { payload } = event;
  const email = "patientEmail" in payload ? payload.patientEmail : undefined;
  return placeholders.has(email) || placeholders.has(payload.patientPhone);
}
