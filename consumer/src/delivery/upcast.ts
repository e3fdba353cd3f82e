import type { EventName } from "../generated/events.ts";
import { PermanentError } from "./permanent-error.ts";

export type EventBody = Record<string, unknown> & { eventName: string; version: number };

/** Turns an event of one version into the next one; the new `version` is set for it. */
export type Upcaster = (event: EventBody) => Record<string, unknown>;

/** By event and by the version that a step starts from. */
export type Upcasters = Partial<Record<EventName, Record<number, Upcaster>>>;

/** A step that fails on an event always will. */
function take(step: Upcaster, event: EventBody): Record<string, unknown> {
  try {
    return step(event);
  } catch (cause) {
    const { eventName, version } = event;
    throw new PermanentError("upcast-failed", `The step from version ${version} of ${eventName} failed`, { cause });
  }
}

/** The versions of an event that are read as they are. */
export interface KnownVersions {
  oldest: number;
  newest: number;
}

/**
 * The event as the oldest version that is still read would have said it, by the steps of its chain. Throws a PermanentError for a version
 * that is newer than this consumer (it can be replayed after an upgrade), or older than any chain reaches, and for an
 * event that a step cannot read.
 */
export function upcast(event: EventBody, { oldest, newest }: KnownVersions, upcasters: Upcasters): EventBody {
  const { eventName, version } = event;
  if (version > newest) {
    throw new PermanentError("newer-version", `${eventName} has version ${version}; this consumer reads ${newest}`);
  }
  let upcasted = event;
  while (upcasted.version < oldest) {
    const step = upcasters[eventName as EventName]?.[upcasted.version];
    if (!step) {
      throw new PermanentError("unknown-version", `${eventName} has version ${version}; nothing leads to ${oldest}`);
    }
    upcasted = { ...take(step, upcasted), eventName, version: upcasted.version + 1 };
  }
  return upcasted;
}
