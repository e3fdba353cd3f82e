import { parseArgs } from "node:util";
import { connectPostgres } from "../postgres/connect.ts";
import { migrate } from "../postgres/migrate.ts";
import { requireSession } from "../postgres/require-session.ts";
import type { Command } from "./command.ts";

const usage = `Usage: consumer migrate [--json]

Applies the migrations that the database lacks, then exits. The service does so too when it starts; before a rollout this
shows whether they can be applied at all, while the version before still runs.

  --json  one JSON object: applied, the names of the migrations`;

/** `consumer migrate`: the database brought up to date, as the service does it when it starts. */
export const migrateCommand: Command = {
  name: "migrate",
  summary: "bring the database up to date, then exit",
  usage,
  async run(args, { config, print }) {
    const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
    const { url, pool: _, ...database } = config.database;
    // Not the pool of the other commands: a migration may take its time.
    const sql = connectPostgres(url, { ...database, max: 1, applicationName: "consumer-cli" });
    try {
      await requireSession(sql, database);
      const applied = await migrate(sql, database.schema);
      if (values.json) print(JSON.stringify({ applied }));
      else print(applied.length > 0 ? `Applied ${applied.join(", ")}` : "The database is up to date");
    } finally {
      await sql.end({ timeout: 1 });
    }
    return 0;
  },
};
