import { expect, test } from "vitest";
import { createProbe } from "./probe.ts";

const options = { firstMs: 1_000, longestMs: 30_000, largest: 100, random: () => 1 };

test("the first try is one event, at once", () => {
  expect(createProbe(options).size(0)).toBe(1);
});

test("after each refusal it waits twice as long, up to the longest pause", () => {
  const probe = createProbe(options);
  const pauses: number[] = [];
  for (let refusal = 0; refusal < 7; refusal++) {
    probe.failed(0);
    let pause = 0;
    while (probe.size(pause) === 0) pause += 1_000;
    pauses.push(pause);
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test("after each success it tries twice as many, at once, up to the largest batch", () => {
  const probe = createProbe(options);
  const sizes = Array.from({ length: 9 }, () => {
    const size = probe.size(0);
    probe.succeeded();
    return size;
  });
  expect(sizes).toEqual([1, 2, 4, 8, 16, 32, 64, 100, 100]);
});

test("a refusal after successes begins again with one event", () => {
  const probe = createProbe(options);
  probe.succeeded();
  probe.succeeded();
  probe.failed(0);
  expect(probe.size(1_000)).toBe(1);
});

test("refusals of new events never postpone a try that is due", () => {
  const probe = createProbe(options);
  probe.noticeRefusal(0);
  probe.noticeRefusal(900);
  expect([probe.size(999), probe.size(1_000)]).toEqual([0, 1]);
});

test("half of a pause is random, so that two processes do not beat in time", () => {
  const probe = createProbe({ ...options, random: () => 0 });
  probe.failed(0);
  expect([probe.size(499), probe.size(500)]).toEqual([0, 1]);
});
