import { createPatientKeys } from "../../tests/support/patient-keys.ts";
import type { Fault } from "../fault.ts";
import type { Scene } from "../scene.ts";
import { finish, interrupt, type Trouble } from "./interrupt.ts";

/** Both services again, first the one that reads, so that nothing is written which nobody can read. */
async function restart({ kill, start }: Scene, settings: Record<"producer" | "consumer", Record<string, string>>) {
  for (const name of ["consumer", "producer"] as const) {
    await kill(name);
    await start(name, settings[name]);
  }
}

/** The clinic gets patients' keys, and then another master key; the rotation is interrupted, and done again to its end. */
const rotation = (trouble: Trouble): Fault => ({
  name: `key-rotation-${trouble}`,
  times: 1,
  async inject(scene) {
    const keys = await createPatientKeys(scene.servers.adminUrl);
    scene.releases.add("patients' keys", keys.remove);
    const [former, next] = [keys.masterKey("former"), keys.masterKey("next")];
    await restart(scene, keys.settings(former));
    await scene.wait(2_000, 4_000);
    await restart(scene, keys.settings(next, former));
    const rotate = () =>
      scene.clinic.spawn("producer", ["src/cli.ts", "keys", "rotate"], { env: keys.settings(next, former).producer });
    await interrupt(trouble, rotate(), scene);
    await finish("keys rotate", rotate());
    // What was told under the former one is still read.
    await restart(scene, keys.settings(next));
  },
});

export const keyRotation: Fault[] = [rotation("killed"), rotation("frozen")];
