import { broker } from "./catalogue/broker.ts";
import { clock } from "./catalogue/clock.ts";
import { cluster } from "./catalogue/cluster.ts";
import { commands } from "./catalogue/commands.ts";
import { databases } from "./catalogue/databases.ts";
import { erasures } from "./catalogue/erasure.ts";
import { freezes } from "./catalogue/freezes.ts";
import { keyRotation } from "./catalogue/key-rotation.ts";
import { kills } from "./catalogue/kills.ts";
import { network } from "./catalogue/network.ts";
import { poison } from "./catalogue/poison.ts";
import type { Fault } from "./fault.ts";

/** Nothing happens: what is red here is no fault's doing. */
const none: Fault = { name: "none", times: 1, inject: ({ wait }) => wait(500, 1_000) };

export const catalogue: readonly Fault[] = [
  none,
  ...kills,
  ...freezes,
  ...commands,
  ...keyRotation,
  ...erasures,
  ...broker,
  ...databases,
  ...network,
  ...poison,
  ...clock,
  ...cluster,
];
