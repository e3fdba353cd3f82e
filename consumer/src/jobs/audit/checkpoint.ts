import { Buffer } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { canonicalJson } from "./canonical-json.ts";
import { createDurably } from "./durable-file.ts";

const checkpointSchema = v.object({ takenAt: v.string(), count: v.number(), head: v.string() });
const sealedSchema = v.object({ ...checkpointSchema.entries, hmac: v.string() });

/** How long the chain was, and the hash of its last row: kept where nobody who may write to the database writes. */
export type Checkpoint = v.InferOutput<typeof checkpointSchema>;

export interface CheckpointFolder {
  folder: string;
  hmacKey: string;
}

function sign(hmacKey: string, checkpoint: Checkpoint): string {
  return createHmac("sha256", hmacKey).update(canonicalJson(checkpoint)).digest("hex");
}

/** One file for each length of the chain. One that is there is never replaced, whatever the chain says by now. */
export async function writeCheckpoint({ folder, hmacKey }: CheckpointFolder, checkpoint: Checkpoint): Promise<void> {
  const file = join(folder, `checkpoint-${String(checkpoint.count).padStart(12, "0")}.json`);
  const content = JSON.stringify({ ...checkpoint, hmac: sign(hmacKey, checkpoint) }, undefined, 2);
  await createDurably(file, `${content}\n`);
}

/** The checkpoints by length, and the files that are none or whose HMAC is not that of the key. */
export async function readCheckpoints(
  { folder, hmacKey }: CheckpointFolder,
): Promise<{ checkpoints: Checkpoint[]; invalid: string[] }> {
  const checkpoints: Checkpoint[] = [];
  const invalid: string[] = [];
  // The first checkpoint makes the folder.
  const names = await readdir(folder).catch((error: { code?: string }) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names.filter((name) => /^checkpoint-\d+\.json$/.test(name)).sort()) {
    const checkpoint = unseal(hmacKey, await readFile(join(folder, name), "utf8"));
    if (checkpoint && Number(name.slice("checkpoint-".length, -".json".length)) === checkpoint.count) {
      checkpoints.push(checkpoint);
    } else invalid.push(name);
  }
  return { checkpoints: checkpoints.sort((a, b) => a.count - b.count), invalid };
}

function unseal(hmacKey: string, content: string): Checkpoint | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    return undefined;
  }
  const result = v.safeParse(sealedSchema, parsed);
  if (!result.success) return undefined;
  const { hmac, ...checkpoint } = result.output;
  const wanted = Buffer.from(sign(hmacKey, checkpoint));
  const given = Buffer.from(hmac);
  return wanted.length === given.length && timingSafeEqual(wanted, given) ? checkpoint : undefined;
}
