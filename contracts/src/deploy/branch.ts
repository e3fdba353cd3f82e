import process from "node:process";
import { git } from "./git.ts";

/** The branch that is checked out. GitHub checks out a commit for a pull request, and says in variables what it is. */
export function currentBranch(root: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const checkedOut = git(root, ["branch", "--show-current"]);
  const { GITHUB_HEAD_REF: source, GITHUB_REF_NAME: name, GITHUB_REF_TYPE: type } = env;
  return checkedOut || source || (type === "branch" ? name : undefined) || undefined;
}
