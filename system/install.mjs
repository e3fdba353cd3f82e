import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** No downloads and no statistics that nothing here needs. */
const environment = {
  PUPPETEER_SKIP_DOWNLOAD: "true",
  SCARF_ANALYTICS: "false",
  PACT_DO_NOT_TRACK: "true",
};

/**
 * Installs a folder from its own lockfile, unless exactly that lockfile was installed before.
 * @returns {string | undefined} what went wrong, with the remedy
 */
export function installFolder(root, folder) {
  const path = join(root, folder);
  const lockfile = readFileSync(join(path, "package-lock.json"));
  const wanted = createHash("sha256").update(lockfile).update(process.platform + process.arch).digest("hex");
  const stamp = join(path, "node_modules", ".installed-lockfile");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) {
    return undefined;
  }

  const started = Date.now();
  const label = folder === "." ? "the root" : `${folder}/`;
  // On standard error: what a command prints may be JSON.
  console.error(`installing ${label} from its package-lock.json …`);
  const result = npm(["ci", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error"], path);
  if (result.status !== 0) {
    const lines = `${result.stderr}${result.error ?? ""}`.trim().split("\n");
    const reason = lines.find((line) => /^npm error (?!code|A complete log)/.test(line)) ?? lines.at(-1);
    return `npm ci failed in ${label}: ${reason}; check the network and the registry (npm ping), then try again`;
  }
  writeFileSync(stamp, wanted);
  console.error(`installing ${label} took ${Math.round((Date.now() - started) / 1000)} s`);
  return undefined;
}

/** With the npm that called us, else the one on the PATH. */
function npm(args, cwd) {
  const options = {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...environment },
  };
  const caller = process.env.npm_execpath;
  if (caller?.endsWith(".js")) {
    return spawnSync(process.execPath, [caller, ...args], options);
  }
  return spawnSync("npm", args, {
    ...options,
    shell: process.platform === "win32",
  });
}
