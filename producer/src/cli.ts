import process from "node:process";
import { parseArgs } from "node:util";
import { configure, databaseTls } from "./config.ts";
import { describeApi } from "./describe-api.ts";
import { describeService } from "./describe.ts";
import { endWithTheReader, sayWhenLong, written } from "./output.ts";
import { connectDatabase, type Sql } from "./postgres/database.ts";
import { keysUsage, readKeysCommand, runKeysCommand } from "./patient-keys/command.ts";
import { type OpenPatientKeys, openPatientKeys } from "./patient-keys/open-patient-keys.ts";
import { patientsUsage, readPatientsCommand, runPatientsCommand } from "./patients/command.ts";
import { locksUsage, readLocksCommand, runLocksCommand } from "./postgres/locks-command.ts";
import { keyMigrations, migrate } from "./postgres/migrate.ts";
import { requireSession, UnusableDatabase } from "./postgres/require-session.ts";
import { isDroppedByDriver } from "./postgres/survive-lost-type-query.ts";
import { errorText } from "./telemetry/error-text.ts";

interface Command {
  summary: string;
  usage: string;
  run(json: boolean, args: string[]): Promise<void>;
  /** Throws a TypeError for arguments that it doesn't take; without it, it takes none. */
  check?(args: string[]): void;
  /** It prints nothing that a script would read. */
  silent?: true;
}

const commands: Record<string, Command> = {
  serve: {
    summary: "answer requests and publish events, until SIGTERM or SIGINT",
    usage: "Usage: producer serve\n\nRuns until SIGTERM or SIGINT, then finishes what it has begun.",
    run: async () => void await import("./main.ts"),
    silent: true,
  },
  migrate: {
    summary: "bring the database up to date, then exit",
    usage: "Usage: producer migrate [--json]\n\n  --json  one JSON object: applied, the names of the migrations",
    run: migrateOnce,
  },
  patients: {
    summary: "erase or export what is kept of a patient",
    usage: patientsUsage,
    check: (args) => void readPatientsCommand(args),
    run: async (_, args) =>
      await withDatabase(async (sql, _, patientKeys) => {
        const { commandPathBeside } = await import("./service.ts");
        const keys = patientKeys?.keys;
        console.log(await runPatientsCommand(sql, commandPathBeside(sql, keys), readPatientsCommand(args), keys));
      }),
  },
  keys: {
    summary: "list, rotate or retire the keys that patients' data is encrypted with",
    usage: keysUsage,
    check: (args) => void readKeysCommand(args),
    run: async (_, args) =>
      await withDatabase(async (sql, _, patientKeys) =>
        console.log(await runKeysCommand(sql, patientKeys, readKeysCommand(args)))
      ),
  },
  locks: {
    summary: "list the sessions that keep others waiting for a lock, or end one",
    usage: locksUsage,
    check: (args) => void readLocksCommand(args),
    run: async (_, args) =>
      await withDatabase(async (sql) => console.log(await runLocksCommand(sql, readLocksCommand(args)))),
  },
  describe: {
    summary: "print every setting and every metric as JSON",
    usage:
      "Usage: producer describe [--json]\n\nPrints JSON, with --json or without: { service, configuration, metrics, … }. It needs no setting.",
    run: async () => console.log(JSON.stringify(await describeService(), null, 2)),
  },
  openapi: {
    summary: "print the description of the API as JSON",
    usage:
      "Usage: producer openapi [--json]\n\nPrints the OpenAPI document as JSON, with --json or without. It needs no setting.",
    run: async () => console.log(JSON.stringify(await describeApi(), null, 2)),
  },
};

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return [
    "Usage: producer COMMAND [ARGUMENTS]",
    "",
    ...Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "`producer COMMAND --help` explains one. Settings come from the environment, as for the service (.env.example).",
    "",
    "With --json standard output is one JSON document and nothing else. What went wrong is a line on standard error either",
    "way. Exit codes: 0 done; 1 failed; 2 called in a way that it doesn't know; 141 its reader has gone.",
  ].join("\n");
}

async function migrateOnce(json: boolean): Promise<void> {
  const taken = sayWhenLong("migrating");
  try {
    await withDatabase(async (sql, schema, patientKeys) => {
      const applied = await migrate(sql, schema);
      if (patientKeys) applied.push(...await migrate(patientKeys.sql, "public", keyMigrations));
      taken();
      if (json) console.log(JSON.stringify({ applied }));
      else console.log(applied.length > 0 ? `Applied ${applied.join(", ")}` : "The database is up to date");
    });
  } finally {
    taken();
  }
}

type Task = (sql: Sql, schema: string, patientKeys: OpenPatientKeys | undefined) => Promise<void>;

async function withDatabase(task: Task): Promise<void> {
  const config = configure();
  const { DATABASE_POOLED: pooled, DATABASE_SCHEMA: schema } = config;
  const tls = databaseTls(config);
  const sql = connectDatabase(config.DATABASE_URL, { max: 1, tls, pooled, schema, silentForMs: Infinity });
  const patientKeys = openPatientKeys(config);
  try {
    await requireSession(sql, { pooled });
    await task(sql, schema, patientKeys);
  } finally {
    await patientKeys?.sql.end({ timeout: 1 });
    await sql.end({ timeout: 1 });
  }
}

/** The exit code, or undefined while the service runs. */
async function main([name, ...args]: string[]): Promise<number | undefined> {
  if (name === undefined) {
    console.error(overview());
    return 2;
  }
  if (["help", "--help", "-h"].includes(name)) {
    console.log(overview());
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    console.error(`producer has no command "${name}"\n\n${overview()}`);
    return 2;
  }
  let json = false;
  try {
    if (args.includes("--help") || args.includes("-h")) {
      console.log(command.usage);
      return 0;
    }
    if (command.check) command.check(args);
    else json = readJson(command, args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${command.usage}`);
    return 2;
  }
  if (name === "serve") {
    await command.run(json, args);
    return undefined;
  }
  process.on("unhandledRejection", (error) => {
    if (isDroppedByDriver(error)) return;
    console.error(failure(name, error));
    process.exit(1);
  });
  try {
    await command.run(json, args);
    return 0;
  } catch (error) {
    if (error instanceof UnusableDatabase) console.error(error.message);
    else console.error(failure(name, error));
    return 1;
  }
}

function readJson(command: Command, args: string[]): boolean {
  const { values } = parseArgs({ args, options: { json: { type: "boolean" } } });
  if (command.silent && values.json) throw new TypeError("Unknown option '--json'");
  return values.json === true;
}

function failure(name: string, error: unknown): string {
  return `producer ${name} failed: ${errorText(error)}`;
}

endWithTheReader();
const code = await main(process.argv.slice(2));
if (code !== undefined) {
  await written();
  // What a library has left behind would keep the process alive.
  process.exit(code);
}
