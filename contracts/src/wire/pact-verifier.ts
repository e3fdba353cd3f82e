import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { provider } from "../deploy/participants.ts";
import { pointer } from "../json.ts";

const verifier = fileURLToPath(
  new URL("../../node_modules/@pact-foundation/pact-cli/bin/pact-verifier.js", import.meta.url),
);

export interface Mismatch {
  interaction: string;
  /** The field, or else the interaction, in the pact. */
  pointer: string;
  reason: string;
}

export interface PactReport {
  interactions: number;
  mismatches: Mismatch[];
}

/** Verifies one pact with Pact's own verifier, against a message server. */
export async function verifyPact(file: string, port: number): Promise<PactReport> {
  const folder = mkdtempSync(join(tmpdir(), "verify-"));
  const json = join(folder, "report.json");
  const where = ["--hostname", "127.0.0.1", "--port", String(port), "--provider-name", provider];
  const states = [
    "--state-change-url",
    `http://127.0.0.1:${port}/states`,
    "--request-timeout",
    "30000",
    "--retries",
    "0",
  ];
  const { PACT_BROKER_BASE_URL: _, ...env } = process.env;
  const child = spawn(
    process.execPath,
    [verifier, "--file", file, ...where, ...states, "--json", json, "--no-colour"],
    {
      env: { ...env, PACT_DO_NOT_TRACK: "true" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => printed += text);
  try {
    await new Promise<void>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", () => resolve());
    });
    return readReport(file, json, printed);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Report {
  result: boolean;
  interactionResults: { description: string }[];
  errors: {
    interaction: string;
    mismatch:
      | { type: "mismatches"; mismatches: { path?: string; key?: string; mismatch: string }[] }
      | { type: "error"; message: string };
  }[];
}

function readReport(pactFile: string, reportFile: string, printed: string): PactReport {
  const pact: { interactions: { description: string; type?: string }[] } = JSON.parse(readFileSync(pactFile, "utf8"));
  let report: Report;
  try {
    report = JSON.parse(readFileSync(reportFile, "utf8"));
  } catch (cause) {
    throw new Error(`Pact's verifier left no report:\n${printed}`, { cause });
  }
  const mismatches = report.errors.flatMap(({ interaction: name, mismatch }) => {
    const index = pact.interactions.findIndex(({ description }) => name.endsWith(` - ${description}`));
    const place = ["interactions", index];
    const interaction = pact.interactions[index]?.description ?? name;
    if (mismatch.type === "error") return [{ interaction, pointer: pointer(place), reason: mismatch.message }];
    return mismatch.mismatches.map(({ path, key, mismatch: reason }) => {
      if (path === undefined) return { interaction, pointer: pointer([...place, "metadata", key ?? ""]), reason };
      const field = path.split(/[.[\]]/).filter((part) => part !== "" && part !== "$");
      const body = pact.interactions[index]?.type === "Synchronous/HTTP" ? ["response", "body"] : ["contents"];
      return { interaction, pointer: pointer([...place, ...body, "content", ...field]), reason };
    });
  });
  if (!report.result && mismatches.length === 0) throw new Error(`Pact's verifier failed:\n${printed}`);
  return { interactions: report.interactionResults.length, mismatches };
}
