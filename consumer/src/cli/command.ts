import type { Sql } from "postgres";
import type { Config } from "../config.ts";
import type { Progress } from "./progress.ts";

export interface CommandContext {
  config: Config;
  /** A pool that the command line closes when the command is done; as the jobs' role unless told otherwise. */
  openDatabase(as?: "jobs" | "audit"): Sql;
  /** One line on standard output. */
  print(line: string): void;
  /** One line on standard error, where what `--json` prints stays parseable. */
  note(line: string): void;
  /** For what may take over a second. */
  progress: Progress;
}

/** One subcommand of `consumer`; `--help` is answered by the registry from `usage`. */
export interface Command {
  name: string;
  /** One line for the list of commands. */
  summary: string;
  /** Begins with a line for each way to call it, `Usage: consumer …`: the test of the command line calls it so. */
  usage: string;
  /** Gets what follows the command's name; answers the exit code. Throw a UsageError for wrong arguments. */
  run(args: string[], context: CommandContext): Promise<number>;
}

/** The command was called in a way that it doesn't know: its usage is printed and the exit code is 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
