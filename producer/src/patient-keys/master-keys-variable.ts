import * as v from "valibot";
import type { MasterKey } from "./master-keys.ts";

const expected = "expected names with keys of 32 bytes in base64url, such as 2026-11:KEY, the current one first";

function readKey(entry: string): MasterKey | undefined {
  const [, id, encoded] = /^([A-Za-z0-9._-]{1,64}):([A-Za-z0-9_-]{43})$/.exec(entry.trim()) ?? [];
  return id === undefined || encoded === undefined ? undefined : { id, key: Buffer.from(encoded, "base64url") };
}

/** `NAME:KEY` with commas between. What is wrong is not quoted: it may be a key. */
export const masterKeysVariable = v.pipe(
  v.string(),
  v.rawTransform(({ dataset, addIssue, NEVER }): [MasterKey, ...MasterKey[]] => {
    const keys = dataset.value.split(",").map(readKey);
    const known = keys.filter((key) => key !== undefined);
    const [first, ...others] = known;
    if (first && known.length === keys.length && new Set(known.map(({ id }) => id)).size === known.length) {
      return [first, ...others];
    }
    addIssue({ message: expected });
    return NEVER;
  }),
);
