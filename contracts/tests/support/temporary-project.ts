import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";

export interface TemporaryProject {
  root: string;
  write(path: string, content: string): void;
  /** Commits everything and answers the tree hash of the folder. */
  commit(folder: "producer" | "consumer"): string;
  /** Checks out the commit instead of the branch. */
  detach(): void;
  /** Runs a contract command on this project. */
  contracts(...args: string[]): Promise<{ code: number; output: string }>;
  remove(path: string): void;
  close(): void;
}

const cli = new URL("../../src/cli.ts", import.meta.url).pathname;
const tsx = new URL("../../node_modules/tsx/dist/cli.mjs", import.meta.url).pathname;

/** A git repository with nothing but what a test writes. */
export function createTemporaryProject(): TemporaryProject {
  const root = mkdtempSync(join(tmpdir(), "project-"));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  git("init", "--quiet", "--initial-branch=main");
  git("config", "user.name", "test");
  git("config", "user.email", "test@example.org");
  return {
    root,
    write(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    commit(folder) {
      git("add", "--all");
      git("commit", "--quiet", "--allow-empty", "--message=change");
      return git("rev-parse", `HEAD:${folder}`);
    },
    detach: () => void git("checkout", "--quiet", "--detach"),
    contracts(...args) {
      return new Promise((resolve) => {
        execFile(process.execPath, [tsx, cli, ...args, "--root", root], (error, stdout, stderr) => {
          resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
        });
      });
    },
    remove: (path) => rmSync(join(root, path)),
    close: () => rmSync(root, { recursive: true }),
  };
}
