import { expect, test } from "vitest";
import { createProgress } from "./progress.ts";

function terminal(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) };
}

test("the bar grows with what is done, is full at the end, and gives the line back", () => {
  const stream = terminal(true);
  const progress = createProgress(stream);
  progress.show(0.5, "10 events");
  progress.show(0.6, "too soon to be shown");
  progress.show(1, "20 events");
  progress.end();
  expect(stream.written).toEqual([
    `\r[${"#".repeat(15)}${" ".repeat(15)}] 10 events\x1b[K`,
    `\r[${"#".repeat(30)}] 20 events\x1b[K`,
    "\n",
  ]);
});

test("what is no terminal gets nothing", () => {
  const stream = terminal(false);
  const progress = createProgress(stream);
  progress.show(1, "20 events");
  progress.end();
  expect(stream.written).toEqual([]);
});
