import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Buffer } from "node:buffer";

export interface SmallDisk {
  folder: string;
  /** Leaves not one byte. Safe to repeat, for what was freed meanwhile. */
  fill(): void;
  /** Takes away what filled it. */
  clear(): void;
  remove(): void;
}

/** A file system of its own that can really be full; undefined where this user may not mount one. */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk | undefined {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0755`, "small-disk", folder], {
      stdio: "pipe",
    });
  } catch {
    return undefined;
  }
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill() {
      const file = openSync(ballast, "a");
      try {
        while (statfsSync(folder).bfree > 0) writeSync(file, Buffer.alloc(4_096, 1));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      } finally {
        closeSync(file);
      }
    },
    clear: () => rmSync(ballast, { force: true }),
    remove: () => unmountSmallDisk(folder),
  };
}

/** Lazily: what still has a file open on it, such as a server that is about to end, does not keep it. */
export function unmountSmallDisk(folder: string): void {
  execFileSync("umount", ["--lazy", folder], { stdio: "pipe" });
}
