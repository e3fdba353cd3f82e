import { afterAll, beforeAll, expect, test } from "vitest";
import { doctorUpdated, historyOf } from "../support/restored-history.ts";
import { type Planted, plantedKinds } from "./planted-differences.ts";
import { contentsOf, createReconcileHarness, type ReconcileHarness } from "./reconcile-harness.ts";

const rounds = 6;
let ground: ReconcileHarness;

beforeAll(async () => {
  ground = await createReconcileHarness();
});
afterAll(() => ground?.close());

const named = ({ job, kind, what, aggregateId }: Planted) => `${job} ${kind} ${what} ${aggregateId}`;

/** A difference by the planted one that it is, else as it is. */
function matched(planted: readonly Planted[], found: Planted): string {
  const one = planted.find((each) =>
    each.job === found.job && each.kind === found.kind && each.aggregateId === found.aggregateId &&
    found.what.startsWith(each.what)
  );
  return named(one ?? found);
}

test("200 planted differences of every kind are found, mended, and nothing else is touched", async () => {
  await ground.tell([doctorUpdated(1, "2026-04-01T09:00:00Z")]);
  for (let index = 0; index < 20; index++) {
    const visit = historyOf();
    await ground.tell([visit.created(), visit.moved(11), visit.contact(), visit.arrived()].slice(0, 1 + index % 4));
  }
  const places = [];
  for (let round = 0; round < rounds; round++) {
    for (const kind of plantedKinds) places.push({ kind, id: await kind.begin(ground) });
  }
  await ground.settle();
  const [before, served] = [await contentsOf(ground.sql), new Map(ground.calendars.resources)];

  const planted: Planted[] = [];
  for (const { kind, id } of places) {
    const differences = await kind.plant(ground, id);
    planted.push(...differences.map((one) => ({ ...one, job: kind.job, aggregateId: id })));
  }
  await ground.settle();
  expect(planted.length).toBeGreaterThanOrEqual(200);
  const whole = await contentsOf(ground.sql, { whole: true });

  const looked = await ground.reconcile();
  expect(looked.differences.map((one) => matched(planted, one)).sort()).toEqual(planted.map(named).sort());
  expect(looked.code).toBe(3);
  expect(looked.report).toMatchObject({ found: planted.length, mended: 0, left: {}, failures: [] });
  expect(await contentsOf(ground.sql, { whole: true })).toEqual(whole);

  const mended = await ground.reconcile("--repair");
  expect(mended.differences.map((one) => matched(planted, one)).sort()).toEqual(planted.map(named).sort());
  expect(mended.differences.filter((one) => !one.mended)).toEqual([]);
  expect(mended.code).toBe(0);
  await ground.settle();
  // Of what was told meanwhile, the second run says that it is as told.
  const told = planted.filter(({ what }) => what.startsWith("event")).map(({ aggregateId }) => aggregateId);
  const asBefore = (rows: string[]) => rows.filter((row) => !told.some((id) => row.includes(id)));
  const after = (await contentsOf(ground.sql)).filter((row) => !row.includes("no event asks for it"));
  expect(asBefore(after)).toEqual(asBefore(before));
  const isTouched = (row: string) => planted.some(({ aggregateId }) => row.includes(aggregateId));
  expect((await contentsOf(ground.sql, { whole: true })).filter((row) => !isTouched(row)))
    .toEqual(whole.filter((row) => !isTouched(row)));
  const servedBefore = [...served].filter(([path]) => !told.some((id) => path.includes(id)));
  expect([...ground.calendars.resources].filter(([path]) => !told.some((id) => path.includes(id))).sort())
    .toEqual(servedBefore.sort());

  const again = await ground.reconcile("--repair");
  expect(again).toMatchObject({ code: 0, differences: [], report: { found: 0, left: {}, failures: [] } });
}, 240_000);
