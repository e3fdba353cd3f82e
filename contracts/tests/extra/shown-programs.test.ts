import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSite } from "../../site/site.ts";
import type { Servers } from "../../src/servers.ts";
import { git } from "../../src/deploy/git.ts";
import { createPrivateServers, type PrivateServers } from "../../src/wire/private-servers.ts";
import { type RunningProducer, startProducer } from "../../clinic/producer-process.ts";
import { render } from "./site/render.ts";
import { type CodeBlock, codeBlocks } from "./site/code-blocks.ts";
import { shown } from "./site/shown.ts";

const root = new URL("../../..", import.meta.url).pathname.replace(/\/$/, "");
const run = promisify(execFile);
let servers: PrivateServers;
let producer: RunningProducer;
let empty: string;

async function send(method: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(producer.url + path, {
    method,
    headers: { "X-API-Key": producer.apiKey, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
}

beforeAll(async () => {
  servers = await createPrivateServers(process.env as unknown as Servers, "shown");
  producer = await startProducer(root, servers);
  empty = await mkdtemp(join(tmpdir(), "reader-"));
});
afterAll(async () => {
  await producer?.stop();
  await servers?.drop();
  if (empty) await rm(empty, { recursive: true, force: true });
});

describe("every program and command that is shown", () => {
  test("in the Markdown files is run by a test, or it is said why not", async () => {
    const files = git(root, ["ls-files", "*.md"]).split("\n").filter((file) =>
      file !== "" && !file.startsWith("docs/adr/")
    );
    const blocks: CodeBlock[] = [];
    for (const file of files) blocks.push(...codeBlocks(file, await readFile(join(root, file), "utf8")));
    // A runbook has the same line where something is found, and where it is seen to be over.
    expect([...new Set(blocks.map(({ key }) => key))].toSorted()).toEqual(Object.keys(shown.markdown).toSorted());
  });

  test("on the site's pages is one of a kind that a test runs", async () => {
    const { pages } = await loadSite(root);
    const labels = new Set(
      pages.flatMap((page) => [...render(page).matchAll(/<figure class="code"><figcaption>(.*?)<\/figcaption>/g)])
        .map(([, label = ""]) => label.replaceAll(/<[^>]+>/g, "").replaceAll("&#39;", "'").replaceAll("&quot;", '"')),
    );
    const unknown = [...labels].filter((label) => !shown.site.some(({ label: known }) => known.test(label)));
    expect(unknown).toEqual([]);
  });

  test("is run by a test that is there", () => {
    const all = [...Object.values(shown.markdown), ...shown.site.map(({ by }) => by)];
    const files = all.flatMap((text) => [...text.matchAll(/[\w./-]+\.test\.ts/g)].map(([file]) => file));
    expect(files.length).toBeGreaterThan(5);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

test("the client's README works in an empty folder", async () => {
  await send("PUT", "/v1/doctors/dr-lovelace", {
    name: "Dr. Ada Lovelace",
    email: "lovelace@clinic.example",
    timeZone: "Europe/Berlin",
  });
  const [commands, program] = codeBlocks("", await readFile(join(root, "producer/client/README.md"), "utf8"));
  const lines = commands!.text.split("\n").map((line) => line.replace(/ +# .*/, "").replace("PROJECT", root));
  const start = lines.pop()!.replace("API=… API_KEY=… ", "");
  await writeFile(join(empty, "book.ts"), program!.text);
  for (const line of lines) await run("sh", ["-c", line], { cwd: empty });
  const env = { ...process.env, API: producer.url, API_KEY: producer.apiKey };
  const { stdout } = await run("sh", ["-c", start], { cwd: empty, env });
  expect(stdout).toMatch(/^booked (\S+) for \S+\nrefused: .+\n\1 booked\n$/);
}, 240_000);

/** Status and body of an answer that curl -i or a page shows, without what differs from one run to the next. */
function answerOf(shownAnswer: string): { status: string | undefined; body: unknown } {
  const [head = "", body = ""] = shownAnswer.replaceAll("\r", "").trim().split("\n\n");
  const known = JSON.parse(
    body,
    (key, value) => ["id", "createdAt", "updatedAt"].includes(key) ? `some ${key}` : value,
  );
  return { status: head.split("\n")[0], body: known };
}

test("the quick start's requests get the answers that it shows", async () => {
  const blocks = codeBlocks("", await readFile(join(root, "docs/api-quick-start.md"), "utf8")).map(({ text }) => text);
  const [doctor, book, move, cancel, read] = blocks.filter((text) => text.startsWith("curl"));
  const [booked, conflict, moved] = blocks.filter((text) => text.startsWith("HTTP/")).map(answerOf);
  const env: NodeJS.ProcessEnv = { ...process.env, API: producer.url, API_KEY: producer.apiKey };
  const ask = async (command: string) => (await run("sh", ["-c", command], { env })).stdout;

  expect(answerOf(await ask(doctor!)).status).toMatch(/^HTTP\/1.1 20[01] /);
  const first = await ask(book!);
  expect(answerOf(first)).toEqual(booked);
  expect((await ask(book!)).split("\r\n\r\n")[1]).toBe(first.split("\r\n\r\n")[1]);
  expect(answerOf(await ask(book!.replace(/-H 'Idempotency-Key: .*?'/, "")))).toEqual(conflict);
  env["ID"] = /"id":"([^"]+)"/.exec(first)![1];
  expect(answerOf(await ask(move!))).toEqual(moved);
  expect(answerOf(await ask(move!)).status).toBe("HTTP/1.1 412 Precondition Failed");
  expect(answerOf(await ask(cancel!)).body).toMatchObject({ status: "cancelled", version: 3 });
  expect(await ask(read!)).toContain(env["ID"]);
});
