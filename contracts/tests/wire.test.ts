import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { git } from "../src/deploy/git.ts";
import { applyEdit, replace, set } from "../src/mutate/edit.ts";
import { copyProject, type ProjectCopy } from "../src/mutate/project-copy.ts";

const root = new URL("../..", import.meta.url).pathname;
const cli = new URL("../src/cli.ts", import.meta.url).pathname;
const tsx = new URL("../node_modules/tsx/dist/cli.mjs", import.meta.url).pathname;
const MINUTES = 60_000;

let copy: ProjectCopy;
beforeEach(() => copy = copyProject(root));
afterEach(() => copy.remove());

function contracts(...args: string[]): Promise<{ code: number; output: string; last: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [tsx, cli, ...args, "--root", copy.root], (error, stdout, stderr) => {
      const last = stdout.trimEnd().split("\n").at(-1) ?? "";
      resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr, last });
    });
  });
}

test("prove verifies every interaction on bytes from the wire, and records it for the two versions", async () => {
  git(copy.root, ["rm", "-r", "--quiet", "--ignore-unmatch", "contracts/verifications", "contracts/deployments"]);
  git(copy.root, ["commit", "--quiet", "--allow-empty", "--message=nothing verified"]);
  const { code, output, last } = await contracts("prove");
  expect(code, output).toBe(0);
  const [, commands, events] =
    /^(\d+) commands from states and 20 random walks, (\d+) events as the model/m.exec(output) ?? [];
  expect(Number(commands)).toBeGreaterThan(150);
  expect(Number(events)).toBeGreaterThan(300);
  expect(last).toMatch(/^[1-9]\d* interactions verified from the wire$/);
  const versions = ["producer", "consumer"].map((service) =>
    git(copy.root, ["rev-parse", `HEAD:${service}`]).slice(0, 12)
  );
  expect(readdirSync(join(copy.root, "contracts/verifications"))).toEqual([`${versions.join("-")}.json`]);
}, 5 * MINUTES);

test("prove is red for what nobody described, asked for or not, and records nothing of a dirty tree", async () => {
  applyEdit(
    copy.root,
    replace(
      "producer/src/outbox/outbox-store.ts",
      "JSON.stringify(event)",
      "JSON.stringify({ ...event, source: 1 })",
    ),
  );
  applyEdit(
    copy.root,
    replace(
      "producer/src/amqp/publisher.ts",
      "          channel.publish(",
      `          const noted = Buffer.from('{"eventName":"clinic.noted"}');
          if (routingKey === "doctor.updated") channel.publish(options.exchange, "clinic.noted", noted, properties);
          channel.publish(`,
    ),
  );
  const { code, output } = await contracts("prove");
  expect(code).toBe(1);
  expect(output).toContain('asyncapi.yaml#/operations: "clinic.noted" is sent, but not described');
  expect(output).toContain("doctor.updated has the message_id of a message that was published before");
  expect(output).toMatch(
    /asyncapi\.yaml#\/components\/messages\/\w+\/payload: .* \/source is not declared in the schema/,
  );
  expect(output).toContain(
    "not recorded, for producer/src/amqp/publisher.ts, producer/src/outbox/outbox-store.ts changed since the last commit",
  );
}, 5 * MINUTES);

test("a release is understood by today's services, and is never changed", async () => {
  applyEdit(copy.root, set("asyncapi.yaml", "/info/version", "99.0.0"));
  expect((await contracts("release")).code).toBe(1);
  git(copy.root, ["commit", "--quiet", "--all", "--message=version"]);
  const released = await contracts("release");
  expect(released.code, released.output).toBe(0);
  expect(released.last).toMatch(/^99\.0\.0 released with \d+ messages from the wire$/);
  const [recorded, declared] = ["contracts/releases/99.0.0/deploy/rabbitmq", "deploy/rabbitmq"].map((folder) =>
    readFileSync(join(copy.root, folder, "definitions.json"), "utf8")
  );
  expect(recorded).toBe(declared);
  expect((await contracts("release")).code).toBe(2);
  const replayed = await contracts("replay");
  expect(replayed.code, replayed.output).toBe(0);
  expect(replayed.output).toMatch(/^99\.0\.0 +\| (\d+) of \1 understood +\| (\d+) of \2 understood$/m);
}, 5 * MINUTES);
