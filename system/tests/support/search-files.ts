import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Calls `found` with the name and the bytes, as Latin-1, of every file below the folder. */
export function searchFiles(folder: string, found: (name: string, bytes: string) => void): void {
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const name = join(entry.parentPath, entry.name);
    found(name, readFileSync(name, "latin1"));
  }
}
