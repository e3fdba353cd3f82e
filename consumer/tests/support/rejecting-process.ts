// Leaves a rejection or an exception to itself: `library CODE`, `exception`, or `connection URL`, which connects.
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { surviveLostTypeQuery } from "../../src/postgres/survive-lost-type-query.ts";
import { createLogger } from "../../src/telemetry/logger.ts";

surviveLostTypeQuery(createLogger("info"));
const [kind, value = ""] = process.argv.slice(2);
const lost = Object.assign(new Error(`read ${value}`), { code: value });
if (kind === "library") void Promise.reject(lost);
if (kind === "exception") {
  setTimeout(() => {
    throw lost;
  });
}
if (kind === "connection") {
  const sql = connectPostgres(value, { max: 1 });
  await sql`select 1`.catch(() => {});
  await sql.end({ timeout: 1 });
}
await sleep(200);
console.log("survived");
