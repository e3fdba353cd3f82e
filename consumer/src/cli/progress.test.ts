import { expect, onTestFinished, test } from "vitest";
import { createProgress } from "./progress.ts";

function terminal(isTTY = true) {
  const written: string[] = [];
  return { written, isTTY, write: (text: string) => written.push(text) };
}

function started(stream: ReturnType<typeof terminal>) {
  let time = 0;
  const progress = createProgress(stream, () => time);
  onTestFinished(() => progress.end());
  return { progress, at: (ms: number) => void (time = ms) };
}

test("the bar grows with what is done, and gives the line back", () => {
  const stream = terminal();
  const { progress, at } = started(stream);
  at(1_000);
  progress.show("10 events", 0.5);
  progress.show("too soon to be shown", 0.6);
  at(1_100);
  progress.show("20 events", 1);
  progress.end();
  expect(stream.written).toEqual([
    `\r[${"#".repeat(15)}${" ".repeat(15)}] 10 events\x1b[K`,
    `\r[${"#".repeat(30)}] 20 events\x1b[K`,
    "\r\x1b[K",
  ]);
});

test("what takes less than a second shows nothing", () => {
  const stream = terminal();
  const { progress, at } = started(stream);
  progress.show("10 events", 0.5);
  at(999);
  progress.show("20 events", 1);
  progress.end();
  expect(stream.written).toEqual([]);
});

test("what says nothing for long is shown by itself, and without a bar where nobody knows how much there is", async () => {
  const stream = terminal();
  const { progress, at } = started(stream);
  progress.show("connecting");
  at(1_000);
  await expect.poll(() => stream.written).toEqual(["\rconnecting\x1b[K"]);
});

test("a line that is printed in between takes the place of the bar", () => {
  const stream = terminal();
  const { progress, at } = started(stream);
  progress.clear();
  at(1_000);
  progress.show("10 events");
  progress.clear();
  progress.clear();
  expect(stream.written).toEqual(["\r10 events\x1b[K", "\r\x1b[K"]);
});

test("what is no terminal gets nothing", () => {
  const stream = terminal(false);
  const { progress, at } = started(stream);
  at(1_000);
  progress.show("20 events", 1);
  progress.end();
  expect(stream.written).toEqual([]);
});
