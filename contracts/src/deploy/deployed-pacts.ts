import type { PactFiles } from "../pact-files.ts";
import { environments, readDeployments } from "./deployments.ts";
import { fileAt } from "./git.ts";
import { pactFolder, provider } from "./participants.ts";
import { commitOfVersion } from "./service-version.ts";

/** The pacts of a consumer version that runs somewhere. */
export interface DeployedPacts {
  environment: string;
  version: string;
  /** Empty when no commit of this clone holds the version. */
  pacts: PactFiles;
}

/** The pacts of what runs in any environment, read from the commits that they belong to. */
export function deployedPacts(root: string): DeployedPacts[] {
  return environments(root).flatMap((environment) => {
    const deployed = Object.entries(readDeployments(root, environment)).filter(([name]) => name !== provider);
    const versions = [...new Set(deployed.map(([, version]) => version))].sort();
    return versions.map((version) => {
      const names = deployed.filter(([, its]) => its === version).map(([name]) => name);
      return { environment, version, pacts: pactsOf(root, version, names) };
    });
  });
}

function pactsOf(root: string, version: string, consumers: string[]): PactFiles {
  const commit = commitOfVersion(root, "consumer", version);
  if (commit === undefined) return new Map();
  const files = consumers.map((consumer) => `${consumer}-${provider}.json`);
  return new Map(files.map((file) => [file, fileAt(root, commit, `${pactFolder}/${file}`)]));
}
