import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createMemory } from "./memory.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "memory-"));
  file = join(folder, "memory.json");
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a later start finds the same port and password", async () => {
  const port = await createMemory(file).port("api");
  const password = createMemory(file).password("postgres");
  expect(await createMemory(file).port("api")).toBe(port);
  expect(createMemory(file).password("postgres")).toBe(password);
});

test("a port that somebody else took is replaced", async () => {
  const port = await createMemory(file).port("api");
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
  try {
    expect(await createMemory(file).port("api")).not.toBe(port);
  } finally {
    other.close();
  }
});

test("no two servers get one port", async () => {
  const memory = createMemory(file);
  expect(await memory.port("api", 29_999)).not.toBe(await memory.port("ops", 29_999));
});
