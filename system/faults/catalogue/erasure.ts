import type { Fault } from "../fault.ts";
import type { Scene, ServiceName } from "../scene.ts";
import type { Trouble } from "./interrupt.ts";
import { whileLocked } from "./while-locked.ts";

async function interrupt(trouble: Trouble, name: ServiceName, { service, kill, freeze }: Scene): Promise<void> {
  if (trouble === "killed") await kill(name);
  else await freeze(service(name).pid, 3_000);
}

/**
 * A patient is erased whose visit was booked a moment ago, so that some of its effects are under way: once the producer
 * and once the consumer is interrupted when it has cleared a part, and once each of them at any moment.
 */
const erasure = (trouble: Trouble): Fault => ({
  name: `erasure-${trouble}`,
  times: 2,
  async inject(scene, load) {
    const { clinic, start, wait } = scene;
    const places = {
      producer: { sql: clinic.producerSql, table: "outbox_archive" },
      consumer: { sql: clinic.consumerSql, table: "sends" },
    };
    const erasing: Promise<void>[] = [];
    const erase = () => {
      const visit = load.takeOut();
      if (visit) erasing.push(load.erase(visit));
    };
    for (const name of ["producer", "consumer"] as const) {
      const { sql, table } = places[name];
      await whileLocked(sql, table, "EXCLUSIVE", async () => {
        erase();
        await wait(200, 1_000);
        await interrupt(trouble, name, scene);
      });
      if (trouble === "killed") await start(name);
      for (let one = 0; one < 3; one++) {
        erase();
        await wait(0, 50);
      }
      await interrupt(trouble, name, scene);
      if (trouble === "killed") await start(name);
    }
    await Promise.all(erasing);
    if (erasing.length === 0) throw new Error("no patient was erased");
  },
});

export const erasures: Fault[] = [erasure("killed"), erasure("frozen")];
