import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { deploymentFolder } from "../deploy/deployments.ts";
import { git } from "../deploy/git.ts";

export interface ProjectCopy {
  root: string;
  /** Back to what was copied. */
  restore(): void;
  remove(): void;
}

/**
 * The project's files as they are, in a git repository of their own; the installed packages are linked. What runs
 * somewhere stays behind: its versions are in the history of the project, which the copy does not have.
 */
export function copyProject(from: string): ProjectCopy {
  const root = mkdtempSync(join(tmpdir(), "project-copy-"));
  const files = git(from, ["ls-files", "--cached", "--others", "--exclude-standard", "-z"]).split("\0").filter(Boolean);
  for (const file of files) {
    if (!existsSync(join(from, file))) continue; // deleted, but not yet in git
    if (file.startsWith(`${deploymentFolder}/`)) continue;
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(join(from, file), join(root, file));
  }
  for (const folder of ["producer", "producer/client", "consumer"]) {
    symlinkSync(join(from, folder, "node_modules"), join(root, folder, "node_modules"));
  }
  git(root, ["init", "--quiet", "--initial-branch=main"]);
  // Links are no folders to the pattern in .gitignore.
  appendFileSync(join(root, ".git/info/exclude"), "node_modules\n");
  git(root, ["config", "user.name", "contracts"]);
  git(root, ["config", "user.email", "contracts@example.org"]);
  git(root, ["add", "--all"]);
  git(root, ["commit", "--quiet", "--message=copy"]);
  return {
    root,
    restore() {
      git(root, ["checkout", "--quiet", "--", "."]);
      git(root, ["clean", "--quiet", "-d", "--force"]);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
