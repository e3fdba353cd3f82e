// Reads a mailbox of bounces as a process of its own, for tests that kill it: DATABASE_URL BOUNCES_URL CA_FILE NAME TURN_MS
import { readFileSync } from "node:fs";
import process from "node:process";
import pino from "pino";
import { createBounceMailbox } from "../../src/jobs/notifications/bounces/bounce-mailbox.ts";
import { createBounceReader } from "../../src/jobs/notifications/bounces/bounce-reader.ts";
import { readMailboxAddress } from "../../src/jobs/notifications/bounces/mailbox-address.ts";
import { unwatched } from "../../src/outgoing/dependency-watch.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { runWorkers } from "../support/run-workers.ts";

const [databaseUrl = "", url = "", caFile = "", name = "", turnMs = ""] = process.argv.slice(2);
const sql = connectPostgres(databaseUrl, { max: 3 });
const mailbox = createBounceMailbox({
  ...readMailboxAddress(url)!,
  ca: readFileSync(caFile, "utf8"),
  timeoutMs: 10_000,
});
const reader = createBounceReader({
  sql,
  mailbox,
  name,
  everyMs: 200,
  turnMs: Number(turnMs),
  now: () => new Date(),
  log: pino(),
  watch: unwatched,
  counted: () => {},
  audited: () => {},
});
await runWorkers(sql, [reader], new AbortController().signal, 50);
