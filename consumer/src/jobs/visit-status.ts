import { comparePositions, type Position } from "../delivery/event-order.ts";

export type VisitStatus = "booked" | "arrived" | "completed" | "no_show" | "cancelled";

/** A status, and the position of the event that told it. */
export interface ToldStatus {
  value: VisitStatus;
  position: Position;
  /** It undoes what came before it, so it counts for more than how far along the visit was. */
  takesBack?: boolean;
}

/** How far along a visit is. */
const progress: Record<VisitStatus, number> = { booked: 0, arrived: 1, completed: 2, no_show: 2, cancelled: 2 };

/**
 * Whether a status takes the place of the known one: the later of the two. Where nothing tells which is later it is the
 * one that is farther along, or one that takes back: it is published after what it undoes, and received so. Nothing
 * undoes a cancellation, so it counts whenever it comes.
 */
export function statusFollows(told: ToldStatus, known: ToldStatus | undefined): boolean {
  if (known?.value === "cancelled") return false;
  if (!known || told.value === "cancelled") return true;
  const order = comparePositions(told.position, known.position);
  if (order !== 0) return order > 0;
  return told.takesBack === true ? told.value !== known.value : progress[told.value] > progress[known.value];
}
