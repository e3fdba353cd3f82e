import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { findFaketime } from "../../rehearsals/find-faketime.ts";
import type { Fault } from "../fault.ts";
import type { Scene, ServiceName } from "../scene.ts";

const step = (name: ServiceName, hours: 1 | -1): Fault => ({
  name: `${name}-clock-${hours > 0 ? "forwards" : "backwards"}`,
  notHere: () => findFaketime() ? undefined : "libfaketime is not installed",
  async inject(scene: Scene) {
    const file = join(scene.folder, `clock-${name}`);
    const set = (offset: string) => writeFileSync(file, `${offset}\n`);
    set("+0");
    await scene.kill(name);
    await scene.start(name, {
      LD_PRELOAD: findFaketime()!,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      // As on a real machine, timers and what measures durations go on as before.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    });
    await scene.wait(500, 1_000);
    set(hours > 0 ? "+3600" : "-3600");
    await scene.wait(1_500, 3_000);
    set("+0");
  },
});

/** An hour forwards and back again, or backwards and forwards. */
export const clock: Fault[] = (["producer", "consumer"] as const).flatMap((name) => [step(name, 1), step(name, -1)]);
