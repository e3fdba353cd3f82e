import fc from "fast-check";
import type { Meaning, VisitState } from "./clinic.ts";
import { localTime } from "./local-time.ts";
import type { visitKind } from "./walk-command.ts";
import { act, keep } from "./walked-clinic.ts";

export type Context = Parameters<Parameters<typeof visitKind>[2]>[0];

const aggregateVersionOf = ({ aggregateVersion }: { aggregateVersion: number }) => aggregateVersion;

/** Sends what changes a visit, and keeps the visit that it is then. */
export async function change(
  { clinic, producer, manner, visit, what }: Context,
  call: { method: string; path: string; body: object },
  meaning: Meaning<VisitState>,
): Promise<void> {
  const { id, version } = visit;
  const sent = { ...call, path: `/v1/appointments/${id}${call.path}`, version };
  keep(clinic.visits, await act(clinic, producer, { what, call: sent, manner, id, meaning, aggregateVersionOf }));
}

/** How a time is written must not matter for what is told of it. */
export const writing = fc.constantFrom("UTC", "Asia/Kathmandu", "the visit's own");
export function written(instant: number, how: string, timeZone: string): string {
  return how === "UTC"
    ? new Date(instant).toISOString()
    : localTime(instant, how === "the visit's own" ? timeZone : how);
}
