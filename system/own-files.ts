import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { localFiles } from "./local-files.ts";
import { StackError } from "./stack/stack-error.ts";

/** Where the ports and passwords of the last start are. */
export const rememberedFile = join(localFiles.data, "memory.json");

/** Refuses what `sudo npm start` leaves to the next `npm start`. */
export function requireOwnFiles(): void {
  for (const file of [dirname(localFiles.lock), localFiles.lock, localFiles.data, rememberedFile]) {
    try {
      if (existsSync(file)) accessSync(file, constants.R_OK | constants.W_OK);
    } catch {
      throw new StackError(
        `${file} belongs to another user, who ran npm start here before: run it as that user, or have .local/ removed`,
      );
    }
  }
}
