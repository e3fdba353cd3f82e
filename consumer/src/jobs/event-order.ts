import { eventNames } from "../generated/events.ts";

/** Where an event stands in the history of its aggregate. */
export interface Position {
  version: number | undefined;
  at: Date;
}

interface Ordered {
  eventName: string;
  timestamp: string;
  aggregateVersion?: number | undefined;
}

/** Without an aggregateVersion a `created` counts as 1, and later events are placed by their timestamp alone. */
export function positionOf(event: Ordered): Position {
  const version = event.aggregateVersion ?? (event.eventName === eventNames.appointmentCreated ? 1 : undefined);
  return { version, at: new Date(event.timestamp) };
}

/** Negative when `a` comes before `b`, 0 when they are the same place: by version where both have one, else by time. */
export function comparePositions(a: Position, b: Position): number {
  if (a.version !== undefined && b.version !== undefined) return a.version - b.version;
  return a.at.getTime() - b.at.getTime();
}
