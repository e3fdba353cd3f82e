import process from "node:process";
import { pino } from "pino";
import type { Logger } from "pino";
import pretty from "pino-pretty";
import { bounded } from "./bounded.ts";

export type Log = Logger;

/** JSON lines on standard output, or coloured text where that is a terminal. Personal data never goes in. */
export function createLog(
  level: string,
  terminal: NodeJS.WritableStream | undefined = process.stdout.isTTY ? process.stdout : undefined,
): Log {
  const options = {
    level,
    base: { service: "appointment-producer" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: bounded },
  };
  // Written in the background, many lines at once; what is left is written when the process exits.
  if (!terminal) return pino(options, pino.destination({ dest: 1, sync: false }));
  return pino(options, pretty({ destination: terminal, sync: true, ignore: "service" }));
}
