import type { Buffer } from "node:buffer";
import type { Sql } from "postgres";
import { readEvent } from "../delivery/message.ts";
import { encryptedForms } from "../generated/events.ts";
import type { JobName } from "../generated/jobs.ts";
import { isEncrypted, keyNeededBy } from "./open-event.ts";

/** A key that dead letters need. */
export interface NeededKey {
  kid: string;
  deadLetters: number;
}

const page = 500;

interface Letter {
  id: string;
  job: JobName;
  body: Buffer;
}

/** The key that the letter needs to be replayed, as far as its job can read it. */
function keyOf({ job, body }: Letter): string | undefined {
  try {
    const { event } = readEvent(job, { content: body, properties: {} });
    return isEncrypted(event) ? keyNeededBy(event) : undefined;
  } catch {
    return undefined;
  }
}

/** The keys that dead letters need which nobody has settled, in the order of their ids. */
export async function findNeededKeys(sql: Sql): Promise<NeededKey[]> {
  const letters = new Map<string, number>();
  const names = Object.keys(encryptedForms);
  for (let after = "0";;) {
    const rows: Letter[] = await sql<Letter[]>`
      select id, job, body from dead_letters
      where id > ${after} and state = 'stored' and event_name = any(${names}) order by id limit ${page}`;
    for (const kid of rows.flatMap((row) => keyOf(row) ?? [])) letters.set(kid, (letters.get(kid) ?? 0) + 1);
    if (rows.length < page) break;
    after = rows.at(-1)!.id;
  }
  return [...letters].sort().map(([kid, deadLetters]) => ({ kid, deadLetters }));
}
