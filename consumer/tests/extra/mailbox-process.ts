// Reads a mailbox once and prints the reports in it, for tests that restrict the process: BOUNCES_URL CA_FILE
import { readFileSync } from "node:fs";
import process from "node:process";
import { createBounceMailbox } from "../../src/jobs/notifications/bounces/bounce-mailbox.ts";
import { readDeliveryReport } from "../../src/jobs/notifications/bounces/delivery-report.ts";
import { readMailboxAddress } from "../../src/jobs/notifications/bounces/mailbox-address.ts";

const [url = "", caFile = ""] = process.argv.slice(2);
const mailbox = createBounceMailbox({
  ...readMailboxAddress(url)!,
  ca: readFileSync(caFile, "utf8"),
  timeoutMs: 10_000,
});
const reports: unknown[] = [];
await mailbox.read({ uidValidity: 0n, lastUid: 0 }, 10, async ({ report, markSeen }) => {
  reports.push(report && await readDeliveryReport(report));
  await markSeen();
}, new AbortController().signal);
console.log(JSON.stringify(reports));
