import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const root = new URL("../../..", import.meta.url).pathname;
const folder = join(root, "docs/operate");
const runbooks = readdirSync(folder).filter((file) => file.endsWith(".md"))
  .map((file) => ({ file, text: readFileSync(join(folder, file), "utf8") }));
const textOf = (name: string) => runbooks.find(({ file }) => file === name)!.text;

/** Every reason that the consumer's code gives a dead letter. */
function reasonsInCode(): string[] {
  const source = join(root, "consumer/src");
  const files = readdirSync(source, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
  const found = files.flatMap((file) => {
    const text = readFileSync(join(source, file), "utf8");
    const given = [...text.matchAll(/(?:new PermanentError|deadLetter)\(\s*"([^"]+)"/g)].map(([, reason]) => reason!);
    const unreadable = /new PermanentError\(\s*[^"\s]/.exec(text)?.[0];
    if (unreadable) throw new Error(`${file} gives a dead letter a reason that is not written there: ${unreadable}`);
    return given;
  });
  return [...new Set(found)];
}

describe("the runbook for dead letters", () => {
  test("has a row for every reason that the consumer gives, and for no other but the broker's", () => {
    const rows = textOf("dead-letters.md").split("\n").filter((line) => /^ *\| `/.test(line));
    const listed = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`([^`]+)`/g)].map(([, reason]) => reason!));
    expect(reasonsInCode().length).toBeGreaterThan(10);
    // What a message has that the job did not send there: of RabbitMQ's at-least-once dead-lettering, or nothing.
    expect([...new Set(listed)].toSorted()).toEqual([...reasonsInCode(), "delivery_limit", "unknown"].toSorted());
  });
});

test("the runbook for keys says which variables the broker's users are made of again", () => {
  const start = readFileSync(join(root, "deploy/rabbitmq/render-definitions.sh"), "utf8");
  const variables = [...start.matchAll(/\$\{(RABBITMQ_\w+_PASSWORD):\?\}/g)].map(([, name]) => name!);
  expect(variables).toHaveLength(3);
  for (const name of variables) expect(textOf("key-rotation.md")).toContain(`\`${name}\``);
});
