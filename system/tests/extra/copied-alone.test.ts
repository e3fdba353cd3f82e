import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";
import { denoBinary } from "../../deno-command.ts";
import { root } from "../../local-files.ts";
import { createReleases } from "../../stack/releases.ts";
import { runSuite } from "../../testing/run-suite.ts";
import { createPrivateDatabases } from "../support/private-databases.ts";
import { createPrivateVhost } from "../support/private-vhost.ts";

const folder = mkdtempSync(join(tmpdir(), "alone-"));
const releases = createReleases(console.error);
afterAll(async () => {
  await releases.run();
  rmSync(folder, { recursive: true, force: true });
});

const requirements = {
  producer: {},
  consumer: { SMTP_URL: "smtp://127.0.0.1:25", MAIL_FROM: "clinic@example.org" },
};

function run(cwd: string, ...[command, ...args]: string[]): string {
  return execFileSync(command!, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Runs `npm start` until it says that it listens, then stops it; returns what it said. */
async function startAndStop(cwd: string, env: Record<string, string>): Promise<string> {
  const child = spawn("npm", ["start"], { cwd, env: { ...process.env, ...env }, detached: true });
  let said = "";
  let stopping = false;
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.stderr.on("data", (chunk) => said += chunk);
  child.stdout.on("data", (chunk) => {
    said += chunk;
    if (stopping || !said.includes(`"msg":"listening"`)) return;
    stopping = true;
    process.kill(-child.pid!, "SIGTERM");
  });
  await closed;
  return said;
}

test.each([["producer", [".", "client"]], ["consumer", ["."]]] as const)(
  "the %s, copied alone into an empty folder, installs, type-checks, passes its unit tests on Deno, and starts on Node",
  async (name, packages) => {
    const never = new AbortController().signal;
    const copy = join(folder, name);
    cpSync(join(root, name), copy, { recursive: true, filter: (path) => !path.endsWith("node_modules") });

    for (const one of packages) run(join(copy, one), "npm", "ci", "--no-audit", "--no-fund");
    run(copy, "npm", "run", "types");
    const { passed, failed, excused } = await runSuite(denoBinary(), {
      folder: copy,
      project: "unit",
      signal: never,
    });
    console.log(
      `unit tests of the ${name} on Deno: ${passed} passed, ${failed} failed, ${excused.length} can't pass there`,
    );
    expect(failed).toBe(0);

    const databases = await createPrivateDatabases(releases);
    const broker = await createPrivateVhost();
    releases.add("the virtual host", broker.remove);
    const env = { ...requirements[name], PORT: "0", OPS_PORT: "0" };
    const said = await startAndStop(copy, { ...env, DATABASE_URL: databases[name], AMQP_URL: broker.access[name] });
    expect(said).toContain(`"msg":"listening"`);
    expect(said).toContain(`"msg":"stopped"`);
  },
  600_000,
);
