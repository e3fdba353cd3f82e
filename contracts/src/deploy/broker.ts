import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { provider } from "./participants.ts";
import type { Verification } from "./verifications.ts";

const pactBroker = fileURLToPath(
  new URL("../../node_modules/@pact-foundation/pact-cli/bin/pact-broker.js", import.meta.url),
);

/** Runs Pact's own broker command line and answers its exit code; what it prints goes to `print`. */
export async function runPactBroker(args: string[], print: (text: string) => void): Promise<number> {
  const child = spawn(process.execPath, [pactBroker, ...args], {
    env: { ...process.env, PACT_DO_NOT_TRACK: "true" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", print);
  return await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

interface Linked {
  _links?: Record<string, { href: string }>;
}

/** Tells a broker what `prove` recorded for this consumer version: Pact's command line has no command for it. */
export async function publishResults(broker: string, consumer: string, verifications: Verification[]): Promise<number> {
  let published = 0;
  for (const { consumer: version, producer, results } of verifications) {
    const result = results[consumer];
    if (result === undefined) continue;
    const path = `pacts/provider/${provider}/consumer/${consumer}/version/${version}`;
    const pact = await request(new URL(path, `${broker.replace(/\/+$/, "")}/`), "GET");
    const link = pact._links?.["pb:publish-verification-results"]?.href;
    if (link === undefined) throw new Error(`${broker} does not say where results for ${consumer} ${version} go`);
    await request(new URL(link), "POST", { success: result.success, providerApplicationVersion: producer });
    published++;
  }
  return published;
}

async function request(url: URL, method: string, body?: unknown): Promise<Linked> {
  const response = await fetch(url, {
    method,
    headers: { accept: "application/hal+json", "content-type": "application/json", ...authorization() },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
  return await response.json() as Linked;
}

/** The variables that Pact's command line reads. */
function authorization(): Record<string, string> {
  const { PACT_BROKER_TOKEN: token, PACT_BROKER_USERNAME: user, PACT_BROKER_PASSWORD: password } = process.env;
  if (token) return { authorization: `Bearer ${token}` };
  return user ? { authorization: `Basic ${btoa(`${user}:${password ?? ""}`)}` } : {};
}
