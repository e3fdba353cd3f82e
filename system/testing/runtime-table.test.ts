import { expect, test } from "vitest";
import { withRuntimes } from "./runtime-table.ts";

const suite = { passed: 8, failed: 1, excused: ["an answer that was lost"] };
const results = [{ runtime: "Deno 2", suites: { producer: suite, consumer: { passed: 2, failed: 0, excused: [] } } }];

test("the table replaces what stands between the marks, and nothing else", () => {
  const readme = "before\n<!-- runtimes: npm run test:runtimes -->\nold\n<!-- /runtimes -->\nafter\n";
  const written = withRuntimes(readme, results, "abc1234", "2026-01-02");
  expect(written).toMatch(/^before\n<!-- .* -->\n\nTests passed, at abc1234 on 2026-01-02:/);
  expect(written).toContain(
    "| runtime | producer | consumer |\n| ------- | -------- | -------- |\n| Deno 2  | 8 of 10  | 2 of 2   |",
  );
  expect(written).toMatch(/<!-- \/runtimes -->\nafter\n$/);
  expect(written).not.toContain("old");
  expect(withRuntimes(written, results, "abc1234", "2026-01-02")).toBe(written);
});

test("a README without the marks is not guessed at", () => {
  expect(() => withRuntimes("nothing", results, "abc1234", "2026-01-02")).toThrow("restore both marks");
});
