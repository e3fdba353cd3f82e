import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { eventNames } from "../generated/events.ts";
import { queues, sourceExchange } from "../generated/topology.ts";

const folder = fileURLToPath(new URL("../", import.meta.url));

it("has no name of an event, a queue or the exchange that was typed by hand", () => {
  const names = [...Object.values(eventNames), ...Object.values(queues).map(({ name }) => name), sourceExchange.name];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.startsWith("generated"));
  expect(files.length).toBeGreaterThan(50);
  const typed = files.flatMap((file) => {
    const text = readFileSync(`${folder}${file}`, "utf8");
    return names.filter((name) => text.includes(`"${name}"`)).map((name) => `${file}: ${name}`);
  });
  expect(typed).toEqual([]);
});
