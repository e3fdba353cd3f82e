import type { JobQueue } from "../generated/topology.ts";
import type { Timeline } from "../timeline/timeline.ts";

/** All that is needed to see again elsewhere what became of an appointment, and nothing of a person. */
export interface IncidentBundle {
  format: 1;
  madeAt: string;
  id: string;
  versions: { consumer: string; runtime: string; migration: string | null };
  /** What may make a difference, and no secret. */
  settings: Record<string, unknown>;
  topology: Record<string, JobQueue>;
  timeline: Timeline;
  /** In the order of publication, with those of the doctors of whom they speak. */
  events: BundledMessage[];
  /** What jobs have given up. */
  deadLetters: (BundledMessage & { job: string; reason: string; error: string | null })[];
  /** What each job made of each event. */
  expected: { job: string; eventKey: string; outcome: string }[];
  /** Values of persons that were replaced, the same by the same. */
  standIns: number;
}

export interface BundledMessage {
  eventKey: string;
  eventName: string | null;
  body: string;
  headers: Record<string, string | number>;
  messageId: string | null;
  /** Where the event comes from: the archive, the audit trail (then its personal fields are made up) or a dead letter. */
  source: "archive" | "audit" | "dead-letter";
}
