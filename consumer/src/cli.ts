import process from "node:process";
import type { Sql } from "postgres";
import { auditCommand } from "./jobs/audit/command.ts";
import { calendarCommand } from "./jobs/calendar/command.ts";
import { type Command, UsageError } from "./cli/command.ts";
import { describeCommand } from "./cli/describe.ts";
import { endWithTheReader, written } from "./cli/output.ts";
import { migrateCommand } from "./cli/migrate.ts";
import { dlqCommand } from "./delivery/dead-letters/command.ts";
import { queuesCommand } from "./cli/queues.ts";
import { replayCommand } from "./replay/command.ts";
import { sendsCommand } from "./jobs/notifications/command.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { connectPostgres } from "./postgres/connect.ts";
import { isDroppedByDriver } from "./postgres/survive-lost-type-query.ts";
import { errorText } from "./telemetry/error-text.ts";
import { printable } from "./telemetry/printable.ts";

const commands: Command[] = [
  auditCommand,
  calendarCommand,
  describeCommand,
  dlqCommand,
  migrateCommand,
  queuesCommand,
  replayCommand,
  sendsCommand,
];

function overview(): string {
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    "Usage: consumer COMMAND [ARGUMENTS]",
    "",
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    "",
    "`consumer COMMAND --help` explains one. Settings come from the environment, as for the service (.env.example).",
  ].join("\n");
}

/** What node:util parseArgs throws for an option that it doesn't know. */
function isParseError(error: unknown): error is Error {
  return error instanceof Error && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
}

/** Only when a command asks: `describe` works without any setting. */
function config(): Config {
  return readConfig({ ...process.env, JOBS: "none" });
}

async function run(command: Command, args: string[]): Promise<number> {
  let sql: Sql | undefined;
  try {
    return await command.run(args, {
      get config() {
        return config();
      },
      openDatabase() {
        const { database } = config();
        const { url, tls, pooled, schema } = database;
        return sql ??= connectPostgres(url, { tls, pooled, schema, max: 3, applicationName: "consumer-cli" });
      },
      print: (line) => console.log(printable(line)),
      note: (line) => console.error(printable(line)),
    });
  } catch (error) {
    if (error instanceof UsageError || isParseError(error)) {
      console.error(`${error.message}\n\n${command.usage}`);
      return 2;
    }
    console.error(
      error instanceof ConfigError ? error.message : `consumer ${command.name} failed: ${errorText(error)}`,
    );
    return 1;
  } finally {
    await sql?.end({ timeout: 1 });
  }
}

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    console.log(overview());
    return name === undefined ? 2 : 0;
  }
  const command = commands.find((candidate) => candidate.name === name);
  if (!command) {
    console.error(`consumer has no command "${name}"\n\n${overview()}`);
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    console.log(command.usage);
    return 0;
  }
  return await run(command, rest);
}

endWithTheReader();
process.on("unhandledRejection", (error) => {
  if (isDroppedByDriver(error)) return;
  console.error(`consumer failed: ${errorText(error)}`);
  process.exit(1);
});
const code = await main(process.argv.slice(2));
await written();
// What a library has left behind would keep the process alive.
process.exit(code);
