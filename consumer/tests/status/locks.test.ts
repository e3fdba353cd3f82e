import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { locksCommand } from "../../src/cli/locks.ts";
import { queues } from "../../src/generated/topology.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { statusCommand } from "../../src/status/command.ts";
import type { Status } from "../../src/status/status.ts";
import { createReplayHarness, type ReplayHarness } from "../support/replay-harness.ts";

let harness: ReplayHarness;
let holder: Sql;

beforeAll(async () => {
  harness = await createReplayHarness(queues);
  holder = connectPostgres(harness.database.url, { max: 1, applicationName: "a console" });
});
afterAll(async () => {
  await holder?.end({ timeout: 1 });
  await harness?.close();
});

test("a session that keeps others waiting is told by status and by locks, and ended by its process id", async () => {
  const session = await holder.reserve();
  await session`begin`;
  const [{ pid }] = await session<[{ pid: number }]>`select pg_backend_pid() as pid`;
  await session`lock table inbox in share mode`;
  const { sql } = harness.database;
  const waiter = sql`delete from inbox`.then(() => "done");

  const status = async () => JSON.parse((await harness.run(statusCommand, ["--json"])).printed[0]!) as Status;
  await expect.poll(async () => (await status()).problems[0], { timeout: 30_000 }).toMatchObject({
    colour: "red",
    what: expect.stringMatching(new RegExp(`^The session ${pid} of \\S+ \\(a console\\) keeps 1 statement of `)),
    todo: "docs/operate/slow-database.md",
  });
  const { printed, code } = await harness.run(locksCommand, ["list"]);
  expect(code).toBe(0);
  expect(printed[1]).toMatch(new RegExp(`^${pid} .* a console +idle in transaction .* 1 +delete from inbox$`));

  expect(await harness.run(locksCommand, ["end", "1"])).toMatchObject({ code: 1, printed: [] });
  expect(await harness.run(locksCommand, ["end", String(pid)])).toMatchObject({ code: 0 });
  expect(await waiter).toBe("done");
  expect((await harness.run(locksCommand, ["list"])).printed).toEqual([]);
});
