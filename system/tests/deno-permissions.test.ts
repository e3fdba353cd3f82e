import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { denoStartCommand, networkOf } from "../deno-command.ts";
import { root } from "../local-files.ts";
import { describeService } from "./support/describe-service.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "permissions-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const services = ["producer", "consumer"] as const;
const env = {
  PORT: "3000",
  DATABASE_URL: "postgres://user@db.example:5432/name",
  AMQP_URL: "amqp://user@one.example:5672,amqps://user@two.example",
  AUDIT_CHECKPOINT_DIR: "/nowhere/audit",
};

/** Asks, under the service's own flags, whether each of these is granted. */
function query(service: (typeof services)[number], permissions: object[]): string[] {
  const probe = join(folder, "probe.ts");
  writeFileSync(
    probe,
    `const asked = ${JSON.stringify(permissions)};
for (const { name, ...rest } of asked) console.log((await Deno.permissions.query({ name, ...rest })).state);`,
  );
  const [file, ...args] = denoStartCommand(service, env);
  expect(args.at(-1)).toBe("src/main.ts");
  const output = execFileSync(file!, [...args.slice(0, -1), probe], { cwd: join(root, service), encoding: "utf8" });
  return output.trim().split("\n");
}

test.each(services)("on Deno the %s may use its own addresses, folder and variables", (service) => {
  const wanted = [
    { name: "net", host: "127.0.0.1:3000" },
    { name: "net", host: "db.example:5432" },
    { name: "net", host: "two.example:5671" },
    { name: "read", path: join(root, service, "migrations") },
    { name: "env", variable: "DATABASE_URL" },
  ];
  expect(query(service, wanted)).toEqual(wanted.map(() => "granted"));
});

test.each(services)("on Deno the %s may do nothing else", (service) => {
  const foreign = [
    { name: "net" },
    { name: "net", host: "db.example:22" },
    { name: "net", host: "elsewhere.example:443" },
    { name: "read", path: "/etc/passwd" },
    { name: "read", path: join(root, service === "producer" ? "consumer" : "producer") },
    { name: "write", path: join(root, service) },
    { name: "env" },
    { name: "env", variable: "HOME" },
    { name: "run" },
    { name: "ffi" },
    { name: "sys", kind: "networkInterfaces" },
  ];
  expect(query(service, foreign).filter((state) => state === "granted")).toEqual([]);
});

test.each(services)("the variables that the %s may read on Deno are those of its configuration", (service) => {
  const flags = denoStartCommand(service, env);
  const granted = flags.find((flag) => flag.startsWith("--allow-env="))!.split("=")[1]!.split(",");
  const own = describeService(service).configuration.map(({ name }) => name);
  expect(granted.toSorted()).toEqual(own.toSorted());
});

test("the network of a service is what its environment names", () => {
  expect(networkOf(env)).toEqual(["127.0.0.1:3000", "db.example:5432", "one.example:5672", "two.example:5671"]);
});
