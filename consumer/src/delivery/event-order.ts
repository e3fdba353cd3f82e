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

/**
 * Negative when `a` comes before `b`, 0 when nothing tells which is first: by version where both have one, else by
 * time; but what has version 1 comes before whatever has none.
 */
export function comparePositions(a: Position, b: Position): number {
  if (a.version !== undefined && b.version !== undefined) return a.version - b.version;
  if (a.version === 1) return -1;
  if (b.version === 1) return 1;
  return a.at.getTime() - b.at.getTime();
}

/**
 * Whether an event at `position` takes the place of what was told at `known`. Where nothing else tells, the one that
 * was received later does: a queue keeps the order of publication.
 */
export function follows(position: Position, known: Position | undefined): boolean {
  if (!known) return true;
  const order = comparePositions(position, known);
  const isRepetition = order === 0 && position.version !== undefined && known.version !== undefined;
  return order >= 0 && !isRepetition;
}

/** Where what is known stands once the event at `position` supersedes it: right before that, unless it is earlier. */
export function lowered(known: Position, position: Position): Position {
  if (position.version === undefined || known.version === undefined || known.version < position.version) return known;
  return { version: position.version - 1, at: known.at };
}
