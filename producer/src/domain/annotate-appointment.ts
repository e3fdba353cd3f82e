import { amend, type Appointment, type Metadata } from "./appointment.ts";
import type { Amendment, Decision } from "./decision.ts";
import { invalidValue } from "./domain-error.ts";

export const maxMetadata = 20;

/** A merge patch (RFC 7396): what is absent stays as it is, `null` removes. */
export type AnnotateAppointment = {
  readonly reference?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string | null>> | null | undefined;
};

/** Reference and metadata are the caller's own: they change with whatever else is decided, and alone without an event. */
export function annotating(
  command: AnnotateAppointment,
  current: Appointment,
  now: Date,
  decision: Decision<Appointment> | undefined,
): Decision<Appointment> | Amendment<Appointment> | undefined {
  const reference = command.reference === undefined ? current.reference : command.reference ?? undefined;
  const metadata = merge(current.metadata, command.metadata);
  if (Object.keys(metadata).length > maxMetadata) {
    throw invalidValue("metadata", `would hold more than ${maxMetadata} entries`);
  }
  const changes = { reference, metadata };
  if (decision) return { ...decision, next: { ...decision.next, ...changes } };
  if (reference === current.reference && isSame(metadata, current.metadata)) return undefined;
  return { next: amend(current, now, changes) };
}

function merge(current: Metadata, patch: AnnotateAppointment["metadata"]): Metadata {
  if (patch === undefined) return current;
  if (patch === null) return {};
  const merged = Object.entries({ ...current, ...patch });
  return Object.fromEntries(merged.filter((entry): entry is [string, string] => entry[1] !== null));
}

function isSame(one: Metadata, other: Metadata): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
