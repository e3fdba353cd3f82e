import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogue } from "../../faults/catalogue.ts";
import { runFault } from "../../faults/run-fault.ts";
import { type Servers, startServers } from "../../faults/servers.ts";
import { createReleases } from "../../stack/releases.ts";
import { createRandom } from "../support/random.ts";

/** Of the catalogue, those that are over in seconds; `npm run test:faults` runs all. */
const quick = [
  "producer-killed-before-publish",
  "producer-killed-before-confirm",
  "producer-killed-after-confirm",
  "consumer-killed-before-commit",
  "consumer-killed-before-ack",
  "consumer-killed-before-sent",
  "sealer-killed",
  "postgres-killed",
  "requests-lost",
  "cut-before-confirm",
  "poison",
];
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const random = createRandom(seed);
const sample = quick.map((name) => ({ name, rank: random() })).sort((a, b) => a.rank - b.rank).slice(0, 1);

const folder = mkdtempSync(join(tmpdir(), "faults-"));
const releases = createReleases(console.error);
let servers: Servers;
beforeAll(async () => {
  servers = await startServers(folder, releases);
});
afterAll(async () => {
  await releases.run();
  rmSync(folder, { recursive: true, force: true });
});

test.each(sample)(`$name under load loses and repeats nothing (SEED=${seed})`, async ({ name }) => {
  const fault = catalogue.find((one) => one.name === name)!;
  const { log, lost, doubled, wrong, acknowledged } = await runFault({
    ...{ fault, seed, servers, perSecond: 5, recoveryMs: 120_000, waitsForLeases: false },
  });
  if (lost.length + doubled.length + wrong.length > 0) console.log(log.join("\n"));
  expect({ lost, doubled, wrong }).toEqual({ lost: [], doubled: [], wrong: [] });
  expect(acknowledged).toBeGreaterThan(3);
});
