import { randomUUID } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/** Under its name the file is there as a whole or not at all, whatever ends the process. One that is there is kept. */
export async function createDurably(file: string, content: string): Promise<void> {
  await withDraft(file, content, async (draft) => {
    await link(draft, file).catch((error: { code?: string }) => {
      if (error.code !== "EEXIST") throw error;
    });
  });
}

/** The same, but it takes the place of one that is there. */
export async function replaceDurably(file: string, content: string): Promise<void> {
  await withDraft(file, content, (draft) => rename(draft, file));
}

async function withDraft(file: string, content: string, use: (draft: string) => Promise<void>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}.draft`;
  try {
    await write(draft, content);
    await use(draft);
  } finally {
    await rm(draft, { force: true });
  }
}

async function write(path: string, content: string): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}
