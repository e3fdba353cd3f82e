import { brokerAway } from "./broker-away.ts";
import { calendarConflict } from "./calendar-conflict.ts";
import { certificateExpired } from "./certificate-expired.ts";
import { clockWrong } from "./clock-wrong.ts";
import { databaseSlow } from "./database-slow.ts";
import { diskFull } from "./disk-full.ts";
import { mailServerRefuses } from "./mail-server-refuses.ts";
import { poison } from "./poison.ts";
import { queueFull } from "./queue-full.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { relayStopped } from "./relay-stopped.ts";

export const rehearsals: readonly Rehearsal[] = [
  mailServerRefuses,
  certificateExpired,
  queueFull,
  poison,
  calendarConflict,
  relayStopped,
  brokerAway,
  databaseSlow,
  clockWrong,
  diskFull,
];
