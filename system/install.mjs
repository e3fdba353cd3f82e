import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** No downloads and no statistics that nothing here needs. */
const environment = {
  PUPPETEER_SKIP_DOWNLOAD: "true",
  SCARF_ANALYTICS: "false",
  PACT_DO_NOT_TRACK: "true",
};

/**
 * Installs a folder from its own lockfile, unless exactly that and its patches were installed before.
 * @returns {string | undefined} what went wrong, with the remedy
 */
export function installFolder(root, folder) {
  const path = join(root, folder);
  const hash = createHash("sha256").update(process.platform + process.arch);
  for (const file of ["package-lock.json", ...patchesOf(path)]) hash.update(readFileSync(join(path, file)));
  const wanted = hash.digest("hex");
  const stamp = join(path, "node_modules", ".installed-lockfile");
  if (isInstalled()) return undefined;

  const label = folder === "." ? "the root" : `${folder}/`;
  const lock = join(path, ".installing");
  for (let waited = false; !claim(lock); waited = true) {
    if (!waited) console.error(`waiting for another command that installs ${label} …`);
    pause(200);
    if (isInstalled()) return undefined;
  }
  try {
    return isInstalled() ? undefined : install(path, label, stamp, wanted);
  } finally {
    rmSync(lock, { force: true });
  }

  function isInstalled() {
    return existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  }
}

function install(path, label, stamp, wanted) {
  const started = Date.now();
  // On standard error: what a command prints may be JSON.
  console.error(`installing ${label} from its package-lock.json …`);
  const result = npm(["ci", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error"], path);
  if (result.status !== 0) {
    const said = `${result.stderr}${result.error ?? ""}`.trim();
    return `npm ci failed in ${label}; check the network and the registry (npm ping), then try again. npm said:\n${said}`;
  }
  writeFileSync(stamp, wanted);
  console.error(`installing ${label} took ${Math.round((Date.now() - started) / 1000)} s`);
  return undefined;
}

/** What is run after an installation, to mend what was installed. */
function patchesOf(path) {
  const patches = join(path, "patches");
  return existsSync(patches) ? readdirSync(patches).sort().map((file) => join("patches", file)) : [];
}

/** Takes the lock for this process; false while another living one has it. Two npm ci at once spoil each other's work. */
function claim(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!isAbandoned(lock)) return false;
  rmSync(lock, { force: true });
  return claim(lock);
}

function isAbandoned(lock) {
  try {
    const pid = Number(readFileSync(lock, "utf8"));
    // Empty for the moment between its making and its writing.
    if (pid === 0) return Date.now() - statSync(lock).mtimeMs > 5_000;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH" || error.code === "ENOENT";
  }
}

/** Synchronously: nothing is installed yet that could be awaited for. */
function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
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
