import { pino } from "pino";
import type { Logger } from "pino";

export type Log = Logger;

/** JSON lines on stdout. Personal data never goes in. */
export function createLog(level: string): Log {
  return pino({
    level,
    base: { service: "appointment-producer" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
