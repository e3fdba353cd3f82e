import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterEach, beforeEach, expect, test } from "vitest";
import { livingHolder } from "./pid-file.ts";
import { startServerProcess, stopOrphan } from "./server-process.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "server-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const waits = "setInterval(() => {}, 1000)";
const start = (script: string) =>
  startServerProcess({ name: "server", folder, command: [process.execPath, "-e", script] });
const pidFile = () => join(folder, "server.pid");

test("a server that ends by itself says how, with its last words", async () => {
  const server = await start('console.log("no space left"); process.exit(3)');
  await expect(server.died).rejects.toThrow(/^server ended \(exit 3\): no space left; its log is /);
});

test("a program that is not there is reported", async () => {
  const start = startServerProcess({ name: "server", folder, command: [join(folder, "missing")] });
  await expect(start).rejects.toThrow(/ENOENT/);
});

test("a server that ignores the signal is killed when its time is up", async () => {
  const server = await start(`process.on("SIGTERM", () => {}); ${waits}`);
  await server.stop("SIGTERM", 300);
  expect(() => process.kill(server.pid, 0)).toThrow(/ESRCH/);
});

test("a server that a killed predecessor left behind is stopped", async () => {
  const left = await start(waits);
  expect(livingHolder(pidFile())).toBe(left.pid);
  await stopOrphan(pidFile());
  await expect(left.died).rejects.toThrow(/ended/);
});

test("a process that only got the number of a former server is left alone", async () => {
  writeFileSync(pidFile(), JSON.stringify({ pid: process.pid, identity: "another time" }));
  await stopOrphan(pidFile());
  expect(livingHolder(pidFile())).toBeUndefined();
});
