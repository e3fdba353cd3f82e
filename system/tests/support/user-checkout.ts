import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { root } from "../../local-files.ts";
import { waitFor } from "../../stack/wait-for.ts";

const nobody = 65534;
/** A normal user, also where the tests run as root. */
export const user: { uid?: number; gid?: number } = process.getuid!() === 0 ? { uid: nobody, gid: nobody } : {};

export interface Started {
  child: ChildProcess;
  ended: Promise<number | null>;
  output(): string;
}

export interface StartOptions {
  env?: Record<string, string>;
  args?: string[];
  as?: { uid?: number; gid?: number };
}

export type UserCheckout = ReturnType<typeof createUserCheckout>;

/**
 * A copy of the project's files that belongs to a normal user, in a path with spaces; `installed` brings along what is installed
 * here, so that nothing is downloaded.
 */
export function createUserCheckout({ installed = [] }: { installed?: readonly string[] } = {}) {
  const home = mkdtempSync(join(tmpdir(), "a normal user-"));
  const folder = join(home, "a clone");
  const give = (path: string) => {
    if (user.uid) execFileSync("chown", ["-R", `${nobody}:${nobody}`, path]);
  };
  mkdirSync(folder);
  const list = ["ls-files", "--cached", "--others", "--exclude-standard", "-z"];
  const files = execFileSync("git", list, { cwd: root, encoding: "utf8" }).split("\0").filter(Boolean);
  const present = files.filter((file) => existsSync(join(root, file)));
  execFileSync("tar", ["-cf", join(home, "files.tar"), "--null", "-T", "-"], { cwd: root, input: present.join("\0") });
  execFileSync("tar", ["-xf", join(home, "files.tar")], { cwd: folder });
  for (const name of installed) {
    const [from, to] = [root, folder].map((one) => join(one, name, "node_modules"));
    // As links to the same files where that is possible: it is half a gigabyte.
    try {
      execFileSync("cp", ["-al", from!, to!], { stdio: "pipe" });
    } catch {
      rmSync(to!, { recursive: true, force: true });
      execFileSync("cp", ["-a", from!, to!]);
    }
  }
  if (installed.length === 0) give(home);

  const running: Started[] = [];
  const stackFile = join(folder, ".local/stack.json");

  return {
    home,
    folder,
    stackFile,
    running,
    /** What a start as root left, to the normal user. */
    giveBack: () => give(join(folder, ".local")),
    npmStart({ env = {}, args = [], as = user }: StartOptions = {}): Started {
      const options = { cwd: folder, env: { PATH: process.env.PATH, HOME: home, ...env }, ...as, detached: true };
      const child = spawn("npm", ["start", "--", ...args], options);
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => output += text);
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      const started = { child, ended, output: () => output };
      running.push(started);
      return started;
    },
    /** What `.local/stack.json` says once the system is ready. */
    async untilReady(timeoutMs = 300_000): Promise<Record<string, string>> {
      await waitFor("npm start to be ready", () => existsSync(stackFile), { timeoutMs });
      return JSON.parse(readFileSync(stackFile, "utf8"));
    },
    /** Processes whose command, folder or variables point into the copy. */
    leftovers(): string[] {
      return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
        try {
          const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
          const about = command + readFileSync(`/proc/${pid}/environ`, "utf8");
          return about.includes(folder) ? [`${pid} ${command}`] : [];
        } catch {
          return [];
        }
      });
    },
    async stopAll() {
      for (const { child, ended } of running) {
        pressCtrlC(child);
        await ended;
      }
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

/** The terminal sends the signal to everything that runs in it. */
export function pressCtrlC(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, "SIGINT");
}
