import { setTimeout as sleep } from "node:timers/promises";
import { createReleases } from "../stack/releases.ts";
import { createRandom } from "../tests/support/random.ts";
import type { Fault } from "./fault.ts";
import { type Asked, startLoad } from "./load.ts";
import { judge, type Verdict } from "./oracle.ts";
import { createScene, type Scene } from "./scene.ts";
import { countHandedOver, look } from "./seen.ts";
import type { Servers } from "./servers.ts";

export interface RunOptions {
  fault: Fault;
  seed: number;
  servers: Servers;
  /** The folder of both services where they are weakened. */
  root?: string | undefined;
  /** How long the effects may take once the trouble is over. */
  recoveryMs: number;
  perSecond: number;
  /** Leases of the dead run out by themselves, in two minutes, instead of by hand. */
  waitsForLeases: boolean;
}

export interface Run extends Verdict {
  fault: string;
  seed: number;
  acknowledged: number;
  repeated: number;
  /** From the end of the trouble until every effect was there. */
  recoveryMs: number;
  /** Why it did not come to its end; red, and no proof of anything. */
  brokeOff?: string;
  /** What the services said, for whoever has to find out. */
  log: readonly string[];
}

const oraclePauseMs = 1_000;
/** Whatever still gets better may take longer than it should: the machine may be busy. */
const stallMs = 20_000;

/** One fault at random moments under load, and what the oracle says of it in the end. */
export async function runFault(options: RunOptions): Promise<Run> {
  const { fault, seed, servers, root } = options;
  const releases = createReleases(() => {});
  const random = createRandom(seed);
  let scene: Scene | undefined;
  try {
    scene = await createScene({ servers, random, releases, root, catchesUp: fault.catchesUp ?? false });
    // A quorum queue that is younger can lose its leader together with the node.
    await sleep(2_000);
    const load = startLoad({
      api: scene.links.api.url.replace(/\/$/, ""),
      apiKey: scene.clinic.apiKey,
      random,
      perSecond: options.perSecond,
      patienceMs: 120_000,
    });
    let healedAt = performance.now();
    try {
      for (let time = 0; time < (fault.times ?? 1); time++) {
        await scene.wait(300, 1_500);
        await fault.inject(scene, load);
        healedAt = performance.now();
      }
      await scene.wait(300, 800);
    } finally {
      await load.stop();
    }
    return await settle(scene, load.asked, healedAt, options);
  } catch (error) {
    const nothing = { acknowledged: 0, repeated: 0, lost: [], doubled: [], wrong: [], unknown: 0, recoveryMs: 0 };
    return { fault: fault.name, seed, ...nothing, brokeOff: String(error), log: scene?.clinic.log ?? [] };
  } finally {
    await releases.run();
  }

  async function settle(
    scene: Scene,
    asked: Asked,
    healedAt: number,
    { recoveryMs, waitsForLeases }: RunOptions,
  ): Promise<Run> {
    const common = { fault: fault.name, seed, acknowledged: asked.acknowledged, repeated: asked.repeated };
    const surfaces = { clinic: scene.clinic, operations: scene.service("consumer").url };
    let completeAt: number | undefined;
    let [handedOver, problems, progressAt] = ["", Infinity, performance.now()];
    while (true) {
      if (!waitsForLeases) await endLeasesOfTheDead(scene).catch(() => {});
      const now = await countHandedOver(surfaces);
      if (now !== handedOver) {
        // The rest costs processes: it is looked at when nothing more comes.
        [handedOver, progressAt] = [now, performance.now()];
        await sleep(oraclePauseMs);
        continue;
      }
      const took = performance.now() - healedAt;
      const verdict = await look(surfaces, asked)
        .then((seen) => judge(asked, seen))
        .catch((error): Verdict => ({ lost: [`not to be seen: ${error}`], doubled: [], wrong: [], unknown: 0 }));
      const open = verdict.lost.length + verdict.wrong.length;
      if (open < problems) progressAt = performance.now();
      problems = open;
      const isHopeless = took > recoveryMs && performance.now() - progressAt > stallMs;
      // What comes twice may come late: everything has to be right two times.
      if (isHopeless || (open === 0 && completeAt !== undefined)) {
        return { ...common, ...verdict, recoveryMs: completeAt ?? took, log: [...scene.clinic.log] };
      }
      completeAt = open === 0 ? took : undefined;
      await sleep(2 * oraclePauseMs);
    }
  }
}

/**
 * What a killed consumer had in its hands is free, or unknown, when its lease ends: of a send two minutes, of a calendar
 * entry five. Here it does ten seconds after it was taken.
 */
async function endLeasesOfTheDead({ clinic: { consumerSql: sql } }: Scene) {
  await sql`
    UPDATE sends SET lease_until = now() WHERE state = 'sending' AND lease_until < now() + interval '110 seconds'`;
  await sql`
    UPDATE calendar_intents SET leased_until = now()
    WHERE state = 'pending' AND leased_until < now() + interval '290 seconds'`;
}
