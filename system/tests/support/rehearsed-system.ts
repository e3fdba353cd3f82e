import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import postgres from "postgres";
import { freePort } from "../../stack/free-port.ts";
import { createReleases } from "../../stack/releases.ts";
import { waitFor } from "../../stack/wait-for.ts";
import type { Effects } from "./effects.ts";
import { createUserCheckout } from "./user-checkout.ts";

export interface Ran {
  code: number | null;
  /** Of both streams, in the order in which it came. */
  output: string;
}

export type RehearsedSystem = Awaited<ReturnType<typeof startRehearsedSystem>>;

/** A checkout of its own in which `npm start` runs, and whatever a person types there. */
export async function startRehearsedSystem() {
  const releases = createReleases(console.error);
  const checkout = createUserCheckout({ installed: ["system", "producer", "consumer"] });
  releases.add("the checkout", checkout.remove);
  const env = { PATH: process.env["PATH"]!, HOME: checkout.home };
  const ports = { PORT: String(await freePort()), OPS_PORT: String(await freePort()) };
  const { output } = checkout.npmStart({ env: ports, as: {} });
  releases.add("npm start", checkout.stopAll);
  const stack = await checkout.untilReady().catch(async (error) => {
    console.log(output());
    await releases.run();
    throw error;
  });
  const [producerSql, consumerSql] = [stack["producerDatabase"]!, stack["consumerDatabase"]!].map((url) => {
    const sql = postgres(url, { max: 2, onnotice: () => {} });
    releases.add("a database", () => sql.end({ timeout: 1 }));
    return sql;
  }) as [postgres.Sql, postgres.Sql];

  function type(line: string): { child: ChildProcess; output(): string; ended: Promise<Ran> } {
    const child = spawn("sh", ["-c", line], { cwd: checkout.folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => text += chunk);
    const ended = once(child, "close").then(([code]): Ran => ({ code, output: text }));
    return { child, output: () => text, ended };
  }

  async function json<T>(url: string): Promise<T> {
    return await (await fetch(url)).json() as T;
  }

  return {
    api: stack["api"]!,
    apiKey: stack["apiKey"]!,
    producerSql,
    /** What the system said. */
    log: output,
    readRunbook: (file: string) => readFileSync(join(checkout.folder, "docs/operate", file), "utf8"),
    run: (line: string): Promise<Ran> => type(line).ended,
    /** Until the incident is on; a command that holds it on goes on running. */
    async rehearse(name: string): Promise<{ notice: string; ended: Promise<Ran> }> {
      const { output, ended } = type(`npm run --silent rehearse -- ${name}`);
      let ran: Ran | undefined;
      ended.then((result) => ran = result);
      const notice = await waitFor(`${name} to be on`, () => {
        const line = /^.*What a person notices.*$/m.exec(output())?.[0];
        return line ?? (ran ? `${name} ended with ${ran.code}: ${ran.output}` : undefined);
      }, { timeoutMs: 120_000, intervalMs: 100 });
      return { notice, ended };
    },
    /** As they are now. */
    async effects(): Promise<Effects> {
      const mails = await json<ReturnType<Effects["mail"]["mails"]>>(`${stack["mail"]}/messages`);
      const resources = await json<ReturnType<Effects["calendar"]["resources"]>>(`${stack["calendar"]}/resources`);
      return { consumerSql, mail: { mails: () => mails }, calendar: { resources: () => resources } };
    },
    remove: releases.run,
  };
}
