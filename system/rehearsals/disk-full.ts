import { chownSync, existsSync, mkdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import postgres, { type Sql } from "postgres";
import { localFiles } from "../local-files.ts";
import { rememberedFile } from "../own-files.ts";
import { createMemory } from "../stack/memory.ts";
import type { Held, Rehearsal } from "./rehearsal.ts";
import type { Scene } from "./scene.ts";
import { mountSmallDisk, unmountSmallDisk } from "./small-disk.ts";

const folder = join(localFiles.data, "small-disk");
const megabytes = 16;
const everyMs = 3_000;

async function asSuperuser<T>({ stack }: Scene, work: (sql: Sql) => Promise<T>): Promise<T> {
  const url = new URL(stack.producerDatabase);
  url.username = "postgres";
  url.password = createMemory(rememberedFile).password("postgres");
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}

/** A clinic goes on booking; it is mended when a visit is booked again. */
function keepBooking({ tryToBook }: Scene): Held {
  const stopped = new AbortController();
  const mended = (async () => {
    while (!stopped.signal.aborted) {
      const { status } = await tryToBook().catch(() => ({ status: 0 }));
      if (status === 201) return;
      await sleep(everyMs, undefined, { signal: stopped.signal }).catch(() => {});
    }
  })();
  return {
    mended,
    async release() {
      stopped.abort();
      await mended;
    },
  };
}

export const diskFull: Rehearsal = {
  name: "disk-full",
  title: "the disk with the producer's outbox is full",
  notice: "nobody can book: the API answers 503",
  notHere: () => process.getuid?.() === 0 ? undefined : "only root may mount the small file system that it fills up",
  async cause(scene) {
    const disk = mountSmallDisk(folder, megabytes);
    if (!disk) throw new Error("the small file system can't be mounted here");
    const tables = join(folder, "tables");
    mkdirSync(tables);
    const { uid, gid } = statSync(join(localFiles.data, "postgres/data"));
    chownSync(tables, uid, gid);
    await asSuperuser(scene, async (sql) => {
      await sql.unsafe(`CREATE TABLESPACE small LOCATION '${tables}'`);
      // Without a page of its own, so that the first row already finds no room.
      await sql`VACUUM outbox`;
      await sql`ALTER TABLE outbox SET TABLESPACE small`;
    });
    disk.fill();
    return keepBooking(scene);
  },
  async undo(scene) {
    rmSync(join(folder, "ballast"), { force: true });
    await asSuperuser(scene, async (sql) => {
      await sql`ALTER TABLE outbox SET TABLESPACE pg_default`;
      await sql`DROP TABLESPACE IF EXISTS small`;
    });
    if (!existsSync(folder)) return;
    unmountSmallDisk(folder);
    rmSync(folder, { recursive: true });
  },
};
