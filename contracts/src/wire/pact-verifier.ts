import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { provider } from "../deploy/participants.ts";

const verifier = fileURLToPath(
  new URL("../../node_modules/@pact-foundation/pact-cli/bin/pact-verifier.js", import.meta.url),
);

export interface Mismatch {
  interaction: string;
  /** JSONPath into the message, such as `$.payload.doctorId`; empty where the failure is not about a field. */
  path: string;
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
    return readReport(json, printed);
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

function readReport(file: string, printed: string): PactReport {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`Pact's verifier left no report:\n${printed}`, { cause });
  }
  const mismatches = report.errors.flatMap(({ interaction, mismatch }) => {
    const name = interaction.split(" - ").slice(1).join(" - ");
    if (mismatch.type === "error") return [{ interaction: name, path: "", reason: mismatch.message }];
    return mismatch.mismatches.map((one) => ({ interaction: name, path: one.path ?? "", reason: one.mismatch }));
  });
  if (!report.result && mismatches.length === 0) throw new Error(`Pact's verifier failed:\n${printed}`);
  return { interactions: report.interactionResults.length, mismatches };
}
