import { dlqCommand } from "../delivery/dead-letters/command.ts";
import { auditCommand } from "../jobs/audit/command.ts";
import { calendarCommand } from "../jobs/calendar/command.ts";
import { sendsCommand } from "../jobs/notifications/command.ts";
import { replayCommand } from "../replay/command.ts";
import type { Command } from "./command.ts";
import { describeCommand } from "./describe.ts";
import { migrateCommand } from "./migrate.ts";
import { queuesCommand } from "./queues.ts";

/** All but `serve`, which never ends by itself. */
export const commands: Command[] = [
  migrateCommand,
  auditCommand,
  calendarCommand,
  dlqCommand,
  queuesCommand,
  replayCommand,
  sendsCommand,
  describeCommand,
];
