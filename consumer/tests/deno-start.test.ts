import { randomBytes } from "node:crypto";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { queues } from "../src/generated/topology.ts";
import { readEvidence } from "../src/jobs/audit/evidence.ts";
import { signerOf, writeSigner } from "../src/jobs/audit/signed-note.ts";
import { deno } from "./support/deno.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "./support/delivery-harness.ts";

let harness: DeliveryHarness;
let folder: string;

/** A copy of what an image has: in the checkout, npm's launcher of Deno would come between and pass no signals on. */
beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
  folder = await mkdtemp(join(tmpdir(), "deno start "));
  const source = fileURLToPath(new URL("../", import.meta.url));
  for (const part of ["deno.json", "package.json", ".env.example", "migrations", "src"]) {
    await cp(join(source, part), join(folder, part), { recursive: true });
  }
  await symlink(join(source, "node_modules"), join(folder, "node_modules"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await harness.close();
});

/** Follows the README: the variables of .env.example with one's own values, then the task. */
function start(own: Record<string, string>) {
  const assignments = Object.keys(own).map((name) => `${name}="$OWN_${name}"`).join("; ");
  const script = `set -a; . ./.env.example; ${assignments}; set +a; exec "$DENO" task -q start`;
  const { PATH, HOME } = process.env;
  const inherited = Object.fromEntries(Object.entries(own).map(([name, value]) => [`OWN_${name}`, value]));
  const child = spawn("sh", ["-c", script], { cwd: folder, env: { PATH, HOME, DENO: deno, ...inherited } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => lines.push(line));
  }
  const exited = once(child, "exit").then(([code]) => code);
  return {
    lines,
    /** Its exit code, which child.kill() would hide on Deno. */
    stop() {
      process.kill(child.pid!, "SIGTERM");
      return exited;
    },
  };
}

const required = () => ({
  DATABASE_URL: harness.database.url,
  AMQP_URL: harness.vhost.amqpUrl,
  OPS_PORT: "0",
  ALLOW_NET: ["127.0.0.1:0", new URL(harness.database.url).host, new URL(harness.vhost.amqpUrl).host].join(),
});

test.skipIf(!deno)("on Deno the task start runs with nothing but the required variables", async () => {
  const { lines, stop } = start(required());
  await expect.poll(() => lines.join("\n"), { timeout: 60_000 }).toContain('"msg":"listening"');
  await harness.publish(createdEvent());
  await expect.poll(() => lines.join("\n"), { timeout: 60_000 }).toContain('"msg":"event processed"');
  expect(await stop()).toBe(0);
});

test.skipIf(!deno)("on Deno the audit trail's checkpoints are written to the one folder that is named", async () => {
  const checkpoints = {
    folder: join(folder, "check points"),
    verifiers: [signerOf("clinic.example/audit", randomBytes(32))],
  };
  await mkdir(checkpoints.folder);
  const variables = {
    AUDIT_CHECKPOINT_DIR: checkpoints.folder,
    AUDIT_SIGNING_KEY: writeSigner(checkpoints.verifiers[0]!),
  };
  const { lines, stop } = start({ ...required(), ...variables });
  await expect.poll(() => lines.join("\n"), { timeout: 60_000 }).toContain('"msg":"listening"');
  await harness.publish(createdEvent());
  const sealed = () => harness.database.sql`select from audit_chain`;
  await expect.poll(async () => (await sealed()).length, { timeout: 60_000 }).toBeGreaterThan(0);
  expect(await stop()).toBe(0);
  expect(await readEvidence(checkpoints)).toMatchObject({
    heads: expect.arrayContaining([expect.anything()]),
    forged: [],
  });
});
