import type { Verification as Pair } from "../../src/deploy/verifications.ts";

export type Verification = Pair;
