import type { Sql } from "postgres";
import type { Config } from "../../config.ts";
import { checkpointsOf } from "./audit-setup.ts";
import { sealOutcomes } from "./chain-store.ts";
import { signTree } from "./sign-tree.ts";

/**
 * Seals what a command has recorded, which no consumer may be there to do. What can't be sealed here, for want of a right, of
 * the key or of the folder, is left to the next consumer.
 */
export async function sealNow(config: Config, owner: Sql): Promise<void> {
  try {
    if ((await owner`select from audit_unsealed limit 1`).length === 0) return;
    while (await sealOutcomes(owner, 2_000));
    const { folder, signer } = checkpointsOf(config) ?? {};
    if (folder !== undefined && signer) await signTree(owner, { folder, signer }, false);
  } catch {
    // It waits, as it would have without this.
  }
}
