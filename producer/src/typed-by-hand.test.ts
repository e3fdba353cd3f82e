import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fieldLimits } from "./generated/field-limits.ts";
import { eventNames } from "./generated/events.ts";
import { exchange } from "./generated/topology.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.startsWith("generated"));

test("no name of the contract is typed by hand", () => {
  const names = [...Object.values(eventNames), exchange.name];
  const found = files.flatMap((file) => {
    const text = readFileSync(`${folder}/${file}`, "utf8");
    return names.filter((name) => text.includes(`"${name}"`)).map((name) => `${file}: ${name}`);
  });
  expect(files.length).toBeGreaterThan(90);
  expect(found).toEqual([]);
});

test("no pattern of the contract is typed by hand: where it is narrowed, the API refuses what no event can have", () => {
  const patterns = Object.values(fieldLimits).flatMap((limits) => "pattern" in limits ? [limits.pattern.source] : []);
  const found = files.flatMap((file) => {
    const text = readFileSync(`${folder}/${file}`, "utf8");
    return patterns.filter((pattern) => text.includes(pattern)).map((pattern) => `${file}: ${pattern}`);
  });
  expect(patterns.length).toBeGreaterThan(5);
  expect(found).toEqual([]);
});
