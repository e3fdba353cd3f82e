import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const libraries = "/usr/lib";

/** Debian's libfaketime, by which a process is told another time than the machine's. */
export function findFaketime(): string | undefined {
  if (!existsSync(libraries)) return undefined;
  return readdirSync(libraries).map((name) => join(libraries, name, "faketime/libfaketime.so.1")).find(existsSync);
}
