import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The clock of a service's process, which a test may set ahead: what happens at a visit does not happen before it. */
export interface ServiceClock {
  /** What a program needs in its environment to go by this clock, beside the import. */
  settings: { CLOCK_FILE: string };
  /** What Node has to import before the program. */
  imports: string[];
  /** Sets it ahead to that instant; it goes on from there. One that has passed already leaves it as it is. */
  reach(instant: Date): void;
  /** What it shows, in milliseconds. */
  now(): number;
  remove(): void;
}

export function createServiceClock(): ServiceClock {
  const folder = mkdtempSync(join(tmpdir(), "clock-"));
  const file = join(folder, "ahead-ms");
  let aheadMs = 0;
  /** Replaced as a whole: the service may read it at any moment. */
  const write = () => {
    writeFileSync(`${file}.new`, String(aheadMs));
    renameSync(`${file}.new`, file);
  };
  write();
  return {
    settings: { CLOCK_FILE: file },
    imports: [new URL("moved-clock.mjs", import.meta.url).href],
    reach(instant) {
      aheadMs = Math.max(aheadMs, instant.getTime() - Date.now());
      write();
    },
    now: () => Date.now() + aheadMs,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
