import { contactFields } from "../domain/change-contact.ts";
import { eventNames } from "../generated/events.ts";

/** What asyncapi.yaml says stands in the place of an erased patient's address and number. */
export const erasedEmail = "erased@erased.invalid";
export const erasedPhone = "+9990000000";
/** And in that of what was encrypted. */
export const erasedData = "erased";

type Event = { readonly version: number; readonly eventName: string; readonly payload: Record<string, unknown> };

/** The text of an event without the patient, which is still an event of its version: it can be told again. */
export function redactEvent(body: string): string {
  const event = JSON.parse(body) as Event;
  const rest = Object.entries(event.payload).filter(([name]) =>
    !(contactFields as readonly string[]).includes(name) && name !== "removed"
  );
  if ("personalData" in event.payload) {
    return JSON.stringify({ ...event, payload: { ...Object.fromEntries(rest), personalData: erasedData } });
  }
  const isByPhone = event.eventName === eventNames.appointmentCreated && event.version === 2;
  const placeholder = isByPhone ? { patientPhone: erasedPhone } : { patientEmail: erasedEmail };
  return JSON.stringify({ ...event, payload: { ...placeholder, ...Object.fromEntries(rest) } });
}
