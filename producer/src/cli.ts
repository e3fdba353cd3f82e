import process from "node:process";
import { configure } from "./config.ts";
import { describeApi } from "./describe-api.ts";
import { describeService } from "./describe.ts";
import { connectDatabase } from "./postgres/database.ts";
import { migrate } from "./postgres/migrate.ts";
import { requireSession, UnusableDatabase } from "./postgres/require-session.ts";
import { tlsOf } from "./tls.ts";

const help = `Usage: producer <command>

Commands:
  serve     answer requests and publish events (the default)
  migrate   bring the database up to date, then exit
  describe  print every setting and every metric as JSON
  openapi   print the description of the API as JSON
  help      show this text

Every setting is an environment variable; .env.example lists them.`;

const [command = "serve"] = process.argv.slice(2);

switch (command) {
  case "serve":
    await import("./main.ts");
    break;
  case "migrate":
    await migrateOnce();
    break;
  case "describe":
    console.log(JSON.stringify(await describeService(), null, 2));
    break;
  case "openapi":
    console.log(JSON.stringify(await describeApi(), null, 2));
    break;
  case "help":
  case "--help":
  case "-h":
    console.log(help);
    break;
  default:
    console.error(`There is no command ${command}.\n\n${help}`);
    process.exitCode = 2;
}

async function migrateOnce(): Promise<void> {
  const config = configure();
  const { DATABASE_POOLED: pooled, DATABASE_SCHEMA: schema } = config;
  const tls = tlsOf(config.DATABASE_CA_FILE, config.DATABASE_CERT_FILE, config.DATABASE_KEY_FILE);
  const sql = connectDatabase(config.DATABASE_URL, { max: 1, tls, pooled, schema, silentForMs: Infinity });
  try {
    await requireSession(sql, { pooled });
    const applied = await migrate(sql, schema);
    console.log(applied.length > 0 ? `Applied ${applied.join(", ")}` : "The database is up to date");
  } catch (error) {
    if (!(error instanceof UnusableDatabase)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
