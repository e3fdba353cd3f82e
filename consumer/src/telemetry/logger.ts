import process from "node:process";
import { type Logger, pino } from "pino";
import pretty from "pino-pretty";
import { bounded } from "./bounded.ts";

export type { Logger };

/** JSON lines on standard output, or coloured text when that is a terminal. Never hand personal data to it. */
export function createLogger(level: string): Logger {
  const options = {
    level,
    base: { service: "consumer" },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }), log: bounded },
  };
  if (process.stdout.isTTY) return pino(options, pretty({ sync: true, ignore: "service" }));
  // Written in the background, many lines at once; what is left is written when the process exits.
  return pino(options, pino.destination({ dest: 1, sync: false }));
}
