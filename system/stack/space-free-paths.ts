import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SpaceFreePaths {
  /** The same file by a name without spaces. */
  of(path: string): string;
  remove(): void;
}

/** RabbitMQ's scripts break on a path with spaces: those are reached through symbolic links in a temporary folder. */
export function createSpaceFreePaths(): SpaceFreePaths {
  const links = new Map<string, string>();
  let home: string | undefined;
  return {
    of(path) {
      const spaced = /^.*\s[^/]*/.exec(path)?.[0];
      if (spaced === undefined) return path;
      home ??= mkdtempSync(join(/\s/.test(tmpdir()) ? "/tmp" : tmpdir(), "appointments-"));
      const link = links.get(spaced) ?? join(home, String(links.size));
      if (!links.has(spaced)) symlinkSync(spaced, link);
      links.set(spaced, link);
      return link + path.slice(spaced.length);
    },
    remove() {
      if (home !== undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}
