import type { Upcasters } from "./upcast.ts";

/** Every event is at its first version: no chain has a step yet. A new version adds one here, and a test with it. */
export const upcasters: Upcasters = {};
