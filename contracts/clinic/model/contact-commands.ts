import { isDeepStrictEqual } from "node:util";
import { type Contact, CONTACT_FIELDS, type Meaning, present, refused, type VisitState } from "./clinic.ts";
import { told } from "./visit-commands.ts";

/** What a merge patch says beside the visit itself: absent stays, null removes. */
export interface ContactPatch {
  contact: Partial<Record<typeof CONTACT_FIELDS[number], string | null | undefined>>;
  reference?: string | null | undefined;
  metadata?: Record<string, string | null> | null | undefined;
}

/** Told is what is different now, and nothing else; the caller's own notes are told to nobody. */
export function changeContact(patch: ContactPatch, before: VisitState): Meaning<VisitState> {
  const different = CONTACT_FIELDS.filter((name) =>
    patch.contact[name] !== undefined && (patch.contact[name] ?? undefined) !== before.contact[name]
  );
  const removed = different.filter((name) => patch.contact[name] === null);
  const given = Object.fromEntries(
    different.filter((name) => !removed.includes(name)).map((name) => [name, patch.contact[name]]),
  );
  const contact: Contact = present({
    ...before.contact,
    ...given,
    ...Object.fromEntries(removed.map((name) => [name, undefined])),
  });
  if (contact.patientEmail === undefined && contact.patientPhone === undefined) return refused(400);
  const notes = annotated(patch, before);
  if (different.length > 0) {
    const payload = { ...given, removed: removed.length > 0 ? removed : undefined };
    return told("appointment.contact_changed", payload, before, { contact, ...notes });
  }
  const isSame = notes.reference === before.reference && isDeepStrictEqual(notes.metadata, before.metadata);
  return isSame ? { status: 200 } : { status: 200, next: { ...before, ...notes, version: before.version + 1 } };
}

function annotated(patch: ContactPatch, { reference, metadata }: VisitState) {
  const merged = patch.metadata === null ? {} : { ...metadata, ...patch.metadata };
  return {
    reference: patch.reference === undefined ? reference : patch.reference ?? undefined,
    metadata: Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)) as Record<
      string,
      string
    >,
  };
}
