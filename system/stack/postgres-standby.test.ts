import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import postgres from "postgres";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { localFiles } from "../local-files.ts";
import { freePort } from "./free-port.ts";
import { startPostgres } from "./postgres.ts";
import { startPostgresStandby } from "./postgres-standby.ts";

let folder: string;
beforeEach(() => {
  mkdirSync(localFiles.runs, { recursive: true });
  folder = mkdtempSync(join(localFiles.runs, "standby-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function connect(url: string) {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  onTestFinished(() => sql.end({ timeout: 1 }));
  return sql;
}

test(
  "a standby has what the primary had and gets, also after a restart, and takes over when it is promoted",
  async () => {
    const common = { password: "secret", durable: true };
    const primary = await startPostgres({ ...common, folder: join(folder, "primary"), port: await freePort() });
    onTestFinished(primary.stop);
    const sql = connect(primary.adminUrl);
    await sql`CREATE TABLE visits (id int)`;
    await sql`INSERT INTO visits VALUES (1)`;
    const options = {
      ...common,
      folder: join(folder, "standby"),
      port: await freePort(),
      primary: { adminUrl: primary.adminUrl, folder: join(folder, "primary") },
    };
    const first = await startPostgresStandby(options);
    await sql`INSERT INTO visits VALUES (2)`;
    const readFirst = connect(first.adminUrl);
    await expect.poll(() => readFirst`SELECT id FROM visits ORDER BY id`, { timeout: 10_000 })
      .toEqual([{ id: 1 }, { id: 2 }]);
    await expect(readFirst`INSERT INTO visits VALUES (9)`).rejects.toMatchObject({ code: "25006" });
    await first.stop();

    await sql`INSERT INTO visits VALUES (3)`;
    const second = await startPostgresStandby(options);
    onTestFinished(second.stop);
    const readSecond = connect(second.adminUrl);
    await expect.poll(() => readSecond`SELECT id FROM visits`, { timeout: 10_000 }).toHaveLength(3);
    await primary.stop();
    await readSecond`SELECT pg_promote()`;
    await readSecond`INSERT INTO visits VALUES (4)`;
    expect(await readSecond`SELECT id FROM visits`).toHaveLength(4);
  },
  60_000,
);
