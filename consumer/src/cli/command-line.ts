import type { Sql } from "postgres";
import { type Config, ConfigError, readConfig } from "../config.ts";
import { connectPostgres } from "../postgres/connect.ts";
import { sealNow } from "../jobs/audit/seal-now.ts";
import { errorText } from "../telemetry/error-text.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";
import { commands } from "./commands.ts";

/** What a process has that a command runs in. */
export interface Surroundings extends Pick<CommandContext, "print" | "note" | "progress"> {
  environment: Readonly<Record<string, string | undefined>>;
  /** Runs the service until it is told to stop. */
  serve(args: string[]): Promise<number>;
}

const serveSummary = { name: "serve", summary: "do the jobs, until SIGTERM or SIGINT" };

function overview(): string {
  const all = [serveSummary, ...commands];
  const width = Math.max(...all.map(({ name }) => name.length));
  return [
    "Usage: consumer COMMAND [ARGUMENTS]",
    "",
    ...all.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "`consumer COMMAND --help` explains one. Settings come from the environment, as for the service (.env.example).",
    "",
    "With --json standard output is JSON and nothing else: one document, of a list one document a line. What went wrong is",
    "a line on standard error either way, and so is what is only worth knowing. Exit codes: 0 done; 1 failed, or not there;",
    "2 called in a way that it doesn't know; 3 `audit verify` before the first checkpoint, `reconcile` with differences",
    "that are not mended; 141 its reader has gone.",
  ].join("\n");
}

/** What node:util parseArgs throws for an option that it doesn't know. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

async function run(command: Command, args: string[], { environment, ...context }: Surroundings): Promise<number> {
  const pools = new Map<string, Sql>();
  // Only when a command asks: `describe` works without any setting.
  const config = (): Config => readConfig({ ...environment, JOBS: "none" });
  try {
    const code = await command.run(args, {
      ...context,
      get config() {
        return config();
      },
      openDatabase: openAs,
    });
    // Its own command tells what waits, and does not put it away before.
    if (pools.size > 0 && command.name !== "audit") await sealNow(config(), openAs("audit"));
    return code;
  } catch (error) {
    if (error instanceof UsageError || isParseError(error)) {
      context.note(`${error.message}\n\n${command.usage}`);
      return 2;
    }
    context.note(error instanceof ConfigError ? error.message : `consumer ${command.name} failed: ${errorText(error)}`);
    return 1;
  } finally {
    context.progress.end();
    await Promise.all([...pools.values()].map((sql) => sql.end({ timeout: 1 })));
  }

  function openAs(as?: "jobs" | "audit"): Sql {
    const { database: { tls, pooled, schema, url: jobsUrl }, audit } = config();
    const url = as === "audit" && audit.databaseUrl !== undefined ? audit.databaseUrl : jobsUrl;
    const sql = pools.get(url) ??
      connectPostgres(url, { tls, pooled, schema, max: 3, applicationName: "consumer-cli" });
    pools.set(url, sql);
    return sql;
  }
}

/** Runs what `consumer` is called with; answers the exit code. */
export async function runCommandLine([name, ...args]: string[], surroundings: Surroundings): Promise<number> {
  const { print, note } = surroundings;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    // Called without anything, it has not done what anybody wants.
    (name === undefined ? note : print)(overview());
    return name === undefined ? 2 : 0;
  }
  if (name === serveSummary.name) return await surroundings.serve(args);
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) {
    note(`consumer has no command "${name}"\n\n${overview()}`);
    return 2;
  }
  if (args.includes("--help") || args.includes("-h")) {
    print(command.usage);
    return 0;
  }
  return await run(command, args, surroundings);
}
