import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import type { TestContext } from "vitest";
import { localFiles } from "../../local-files.ts";
import { createReleases, type Releases } from "../../stack/releases.ts";
import { type Clinic, createClinic } from "./clinic.ts";
import { type OnSmallDisk, startPostgresOnSmallDisk } from "./postgres-on-small-disk.ts";
import { createPrivateDatabases } from "./private-databases.ts";
import { mountSmallDisk } from "../../rehearsals/small-disk.ts";

export interface FullDiskScene {
  clinic: Clinic;
  releases: Releases;
  /** Makes the disk really full, and ends the server where that is the disk of its log. */
  fill(): Promise<void>;
  /** Gives the space back, and starts the server again where it ended, as its supervisor does. */
  clear(): Promise<void>;
}

/** A clinic whose one service has its database on a disk that is small enough to fill. */
export async function createFullDiskScene(
  context: TestContext,
  service: "producer" | "consumer",
  what: OnSmallDisk,
): Promise<FullDiskScene> {
  const releases = createReleases(console.error);
  context.onTestFinished(() => releases.run());
  mkdirSync(localFiles.runs, { recursive: true });
  const folder = mkdtempSync(join(localFiles.runs, "full-disk-"));
  releases.add("the folder", () => rmSync(folder, { recursive: true, force: true }));
  const disk = mountSmallDisk(join(folder, "disk"), 120);
  if (!disk) return context.skip("cannot mount a file system here: that takes root and a kernel that lets it");
  releases.add("the small disk", disk.remove);
  const server = await startPostgresOnSmallDisk({ folder: join(folder, "postgres"), disk, what, releases });
  const databases = {
    ...await createPrivateDatabases(releases),
    [service]: await server.createDatabase(`${service}_on_small_disk`),
  };
  const clinic = await createClinic({ databases });
  releases.add("the clinic", clinic.remove);
  context.onTestFailed(() =>
    console.log(clinic.log.filter((line) => !line.includes("/readyz")).slice(-200).join("\n"))
  );

  /** Lets the server come to the end of the log that it had set apart. */
  async function useUpTheLog(): Promise<void> {
    const sql = postgres(server.adminUrl, { max: 1, onnotice: () => {} });
    await sql`CREATE TABLE IF NOT EXISTS filler (n int)`;
    try {
      for (let n = 0; n < 50; n++) {
        disk!.fill();
        await sql`INSERT INTO filler VALUES (${n})`;
        await sql`SELECT pg_switch_wal()`;
      }
    } catch {
      return await server.hasEnded();
    } finally {
      await sql.end({ timeout: 1 });
    }
    throw new Error("the log never came to its end");
  }

  return {
    clinic,
    releases,
    async fill() {
      disk.fill();
      if (what === "log") await useUpTheLog();
    },
    async clear() {
      disk.clear();
      await server.restartIfEnded();
    },
  };
}
