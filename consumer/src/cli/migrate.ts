import { parseArgs } from "node:util";
import { ownAuditTables } from "../jobs/audit/own-audit-tables.ts";
import { bringUpToDate } from "../postgres/bring-up-to-date.ts";
import type { Command } from "./command.ts";

/** `consumer migrate`: what a start of the service does first, for who wants it done before. */
export const migrateCommand: Command = {
  name: "migrate",
  summary: "bring the database up to date, then exit",
  usage: "Usage: consumer migrate [--json]\n\n  --json  one JSON object: applied, the names of the migrations",
  async run(args, { config, openDatabase, print, progress }) {
    const { values } = parseArgs({ args, options: { json: { type: "boolean", default: false } } });
    progress.show("migrating");
    const applied = await bringUpToDate(openDatabase(), config.database);
    const { databaseUrl } = config.audit;
    if (databaseUrl !== undefined) await ownAuditTables(openDatabase(), databaseUrl, config.database);
    if (values.json) print(JSON.stringify({ applied }));
    else print(applied.length > 0 ? `Applied ${applied.join(", ")}` : "The database is up to date");
    return 0;
  },
};
