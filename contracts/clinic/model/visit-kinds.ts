import fc, { type Arbitrary } from "fast-check";
import { change } from "./change-visit.ts";
import { changeContact, type ContactPatch } from "./contact-commands.ts";
import { withKeptEmail } from "./kept-email.ts";
import { moveKinds } from "./move-kinds.ts";
import * as values from "./values.ts";
import * as commands from "./visit-commands.ts";
import { type Kind, visitKind } from "./walk-command.ts";

const contacts: Record<string, Arbitrary<ContactPatch["contact"]>> = {
  "another address": fc.record({ patientEmail: values.email }),
  "another number": fc.record({ patientPhone: values.phone }),
  "another name": fc.record({ patientName: values.personName }),
  "another language": fc.record({ locale: values.locale }),
  "all of the contact": fc.record({
    patientEmail: values.email,
    patientPhone: values.phone,
    patientName: values.personName,
    locale: values.locale,
  }),
  "no address": fc.constant({ patientEmail: null }),
  "no number": fc.constant({ patientPhone: null }),
  "no name and language": fc.constant({ patientName: null, locale: null }),
};
const notes = fc.record({ reference: values.reference, metadata: values.metadata });

function contact(name: string, drawn: Arbitrary<ContactPatch>): Kind {
  return visitKind(`contact: ${name}`, drawn, async (context) => {
    const patch = context.values as ContactPatch;
    const { contact, ...rest } = patch;
    const meaning = changeContact({ ...patch, contact: withKeptEmail(contact) }, context.visit);
    await change(context, { method: "PATCH", path: "", body: { ...contact, ...rest } }, meaning);
  });
}

function cancel(cancelledBy: string | undefined): Kind {
  const reason = fc.option(values.reasonCode, { nil: undefined });
  return visitKind(`cancel: ${cancelledBy ?? "nobody says who"}`, reason, async (context) => {
    const reasonCode = context.values as string | undefined;
    const why = { ...(cancelledBy && { cancelledBy }), ...(reasonCode && { reasonCode }) };
    await change(context, { method: "POST", path: "/cancel", body: why }, commands.cancel(why, context.visit));
  });
}

const EARLY_MS = 48 * 3_600_000;

/** In its time, to which the producer's clock is set on, or more than two days before. */
function step(name: commands.StepName, early: boolean): Kind {
  return visitKind(`${name}${early ? " too early" : ""}`, fc.constant({}), async (context) => {
    const { producer, visit, manner } = context;
    const far = visit.startsAt - producer.api.now() > EARLY_MS;
    // Before its time only where that is sure, whatever the zone's day.
    const isItsTime = !(early && far);
    if (isItsTime && !manner.stale) producer.reach(visit.startsAt);
    const meaning = commands.takeStep(name, visit, isItsTime);
    await change(context, { method: "POST", path: `/${name}`, body: {} }, meaning);
  });
}

export const takesStep = {
  "arrive": step("arrive", false),
  "complete": step("complete", false),
  "no-show": step("no-show", false),
};
export const cancels = cancel("patient");

export const visitKinds: Kind[] = [
  ...moveKinds,
  ...Object.entries(contacts).map(([name, drawn]) => contact(name, drawn.map((fields) => ({ contact: fields })))),
  contact(
    "a language and notes",
    fc.tuple(values.locale, notes).map(([locale, rest]) => ({ contact: { locale }, ...rest })),
  ),
  contact("notes alone", notes.map((rest) => ({ contact: {}, ...rest }))),
  contact("no notes", fc.constant({ contact: {}, reference: null, metadata: null })),
  visitKind("contact: the same again", fc.constant({}), async (context) => {
    const { contact: before } = context.visit;
    await change(
      context,
      { method: "PATCH", path: "", body: before },
      changeContact({ contact: before }, context.visit),
    );
  }),
  ...["patient", "doctor", "clinic", undefined].map(cancel),
  ...Object.values(takesStep),
  step("arrive", true),
  step("no-show", true),
  visitKind(
    "reopen",
    fc.constant({}),
    (context) => change(context, { method: "POST", path: "/reopen", body: {} }, commands.reopen(context.visit)),
  ),
];
