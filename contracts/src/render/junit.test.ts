import { expect, test } from "vitest";
import { renderJunit } from "./junit.ts";

test("keeps what XML can write, emoji included, and drops halves of them", () => {
  const finding = { level: "error" as const, file: "a.yaml", pointer: "/x", reason: "a 😀 <b> \uD83D \u0000 \uDE00 ü" };
  const xml = renderJunit("diff", { findings: [finding], summary: "" });
  expect(xml).toContain('message="a 😀 &lt;b&gt;  \uFFFD  ü"');
});
