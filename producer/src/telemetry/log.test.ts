import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createLog } from "./log.ts";

test("a terminal gets text for people, without what is the same in every line", async () => {
  let shown = "";
  const terminal = new Writable({
    write(chunk, _, done) {
      shown += chunk;
      done();
    },
  });
  createLog("info", terminal).info({ port: 3000 }, "listening");
  await expect.poll(() => shown).toMatch(/INFO.*listening/);
  expect(shown).toContain("port");
  expect(shown).not.toContain(`"msg"`);
  expect(shown).not.toContain("appointment-producer");
});
