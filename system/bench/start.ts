import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { root } from "../local-files.ts";
import type { Session } from "../session.ts";
import type { Releases } from "../stack/releases.ts";
import { waitFor } from "../stack/wait-for.ts";
import { type Clinic, createClinic } from "../tests/support/clinic.ts";
import { testVariable } from "../tests/support/test-environment.ts";
import { transactionRates } from "../tests/support/transaction-rates.ts";
import { median, rounded, type Table } from "./compare.ts";

export interface StartLoad {
  rounds: number;
  /** How long nothing happens before and while it is looked at. */
  seconds: number;
  /** The program that runs the services. */
  node: string;
}

/** How a service is started. */
type Way = { readonly folder: string; readonly options: string[]; readonly main: string };
type Service = "producer" | "consumer";
type Found = { readyMs: number; megabytes: number; transactions: number };

/** Milliseconds from the start of `node` to readiness, and what a service takes when nothing happens. */
export async function measureStart(
  { rounds, seconds, node }: StartLoad,
  { report, releases, signal }: Session,
): Promise<Table> {
  const clinic = await createClinic();
  releases.add("the clinic", clinic.remove);
  // Whoever starts first makes tables and queues, which is no start as it is every day.
  await (await clinic.startConsumer()).stop("SIGTERM");
  await (await clinic.startProducer()).stop("SIGTERM");
  const admin = postgres(testVariable("TEST_DATABASE_URL"), { max: 1 });
  releases.add("the bench's connection", () => admin.end());

  const table: Table = {};
  const built = buildServices(releases);
  const ways: Record<string, Way> = {
    "through tsx": { folder: root, options: ["--import", "tsx"], main: "src/main.ts" },
    ...(stripsTypes(node) && { "types stripped by Node": { folder: root, options: [], main: "src/main.ts" } }),
    "built, as in the images": { folder: built, options: [], main: "src/main.js" },
  };
  for (const [how, way] of Object.entries(ways)) {
    const bare: number[] = [];
    const found: Record<Service, Found[]> = { producer: [], consumer: [] };
    for (let round = 1; round <= rounds; round++) {
      signal.throwIfAborted();
      report(`${how}, round ${round} of ${rounds}`);
      bare.push(await startBare(clinic));
      for (const service of ["producer", "consumer"] as const) {
        found[service].push(await startOnce(service, { node, ...way, clinic, admin, seconds }));
      }
    }
    for (const [service, all] of Object.entries(found)) {
      const of = (value: keyof Found) => median(all.map((one) => one[value]));
      table[`${service}, ${how}`] = {
        "ready after ms": rounded(of("readyMs")),
        "bare Hono after ms": rounded(median(bare)),
        ratio: rounded(of("readyMs") / median(bare), 2),
        "MB at rest": rounded(of("megabytes")),
        "transactions a second": rounded(of("transactions"), 2),
      };
    }
  }
  return table;
}

/** What the images' build makes of both services, in a folder of its own. */
function buildServices(releases: Releases): string {
  const folder = mkdtempSync(join(tmpdir(), "built-"));
  releases.add("what was built", () => rmSync(folder, { recursive: true, force: true }));
  for (const service of ["producer", "consumer"]) {
    const from = join(root, service);
    for (const part of ["src", "migrations", "package.json"]) {
      cpSync(join(from, part), join(folder, service, part), { recursive: true });
    }
    symlinkSync(join(from, "node_modules"), join(folder, service, "node_modules"));
    const outDir = join(folder, service);
    execFileSync("npx", ["tsc", "-p", "tsconfig.build.json", "--outDir", outDir], { cwd: from, stdio: "inherit" });
  }
  return folder;
}

function stripsTypes(node: string): boolean {
  return execFileSync(node, ["-p", "Boolean(process.features.typescript)"], { encoding: "utf8" }).trim() === "true";
}

async function startOnce(
  service: Service,
  { node, folder, options, main, clinic, admin, seconds }: Way & {
    node: string;
    clinic: Clinic;
    admin: postgres.Sql;
    seconds: number;
  },
): Promise<Found> {
  const { PATH } = process.env;
  const env = { ...clinic.environments[service](), ...(PATH && { PATH }) };
  const started = performance.now();
  const child = spawn(node, [...options, main], {
    cwd: join(folder, service),
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    let port = "";
    createInterface(child.stdout).on("line", (line) => {
      if (line.includes('"msg":"listening"')) port = /"port":(\d+)/.exec(line)?.[1] ?? port;
    });
    const isReady = async () => port !== "" && (await fetch(`http://127.0.0.1:${port}/readyz`)).ok;
    await waitFor(`the ${service} to be ready`, isReady, { timeoutMs: 60_000, intervalMs: 5 });
    const readyMs = performance.now() - started;
    await sleep(seconds * 1_000);
    const database = clinic[`${service}Sql`].options.database;
    const [transactions = NaN] = await transactionRates(admin, [database], seconds);
    return { readyMs, megabytes: residentMegabytes(child.pid!), transactions };
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

/** The same framework and driver, with nothing to prepare, through tsx on this Node whatever the services run on. */
async function startBare({ producerSql }: Clinic): Promise<number> {
  const { host, port, database, user, pass } = producerSql.options;
  const url = `postgres://${user}:${encodeURIComponent(String(pass))}@${host[0]}:${port[0]}/${database}`;
  const started = performance.now();
  const child = spawn(process.execPath, ["--import", "tsx", "bench/bare-api.ts"], {
    cwd: join(root, "system"),
    env: { ...process.env, DATABASE_URL: url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await Promise.race([new Promise((resolve) => child.stdout.once("data", resolve)), ended]);
  const readyMs = performance.now() - started;
  child.kill("SIGTERM");
  await ended;
  return readyMs;
}

function residentMegabytes(pid: number): number {
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1024;
}
