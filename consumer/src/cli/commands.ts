import { dlqCommand } from "../delivery/dead-letters/command.ts";
import { modules } from "../jobs/modules.ts";
import { createReconcileCommand } from "../reconcile/command.ts";
import { createReplayCommand } from "../replay/command.ts";
import { incidentCommand } from "../incident/command.ts";
import { keysCommand } from "../patient-keys/command.ts";
import { patientsCommand } from "../patients/command.ts";
import { statusCommand } from "../status/command.ts";
import { timelineCommand } from "../timeline/command.ts";
import type { Command } from "./command.ts";
import { describeCommand } from "./describe.ts";
import { locksCommand } from "./locks.ts";
import { migrateCommand } from "./migrate.ts";
import { queuesCommand } from "./queues.ts";

/** All but `serve`, which never ends by itself. */
export const commands: Command[] = [
  migrateCommand,
  ...modules.flatMap(({ command }) => command ?? []),
  dlqCommand,
  keysCommand,
  patientsCommand,
  queuesCommand,
  createReconcileCommand(modules),
  createReplayCommand(modules),
  describeCommand,
  incidentCommand,
  locksCommand,
  statusCommand,
  timelineCommand,
].sort((a, b) => a.name < b.name ? -1 : 1);
