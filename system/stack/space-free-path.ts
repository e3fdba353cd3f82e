import { createHash } from "node:crypto";
import { lstatSync, readlinkSync, symlinkSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { StackError } from "./stack-error.ts";

/**
 * The same file by a name without spaces, on which RabbitMQ's scripts break: through a symbolic link in the temporary
 * folder. The link stays, and is the same each time, because quorum queues remember the path of their data.
 */
export function spaceFreePath(path: string): string {
  const spaced = /^.*\s[^/]*/.exec(path)?.[0];
  if (spaced === undefined) return path;
  const { uid } = userInfo();
  const name = createHash("sha256").update(`${uid} ${spaced}`).digest("hex").slice(0, 16);
  const link = join(/\s/.test(tmpdir()) ? "/tmp" : tmpdir(), `appointments-${name}`);
  try {
    symlinkSync(spaced, link);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
    const found = lstatSync(link);
    if (!found.isSymbolicLink() || found.uid !== uid || readlinkSync(link) !== spaced) {
      throw new StackError(`${link} is in the way: remove it`, { cause });
    }
  }
  return link + path.slice(spaced.length);
}
