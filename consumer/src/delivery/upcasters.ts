import type { Upcasters } from "./upcast.ts";

/** Every version that there ever was is read as it is: no chain has a step yet. Where one is dropped, its step comes here. */
export const upcasters: Upcasters = {};
