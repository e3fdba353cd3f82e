import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../src/command.ts";
import { loadContract } from "../src/contract.ts";
import { serviceVersion, uncommitted } from "../src/deploy/service-version.ts";
import { readRelease, releaseVersions } from "../src/release/release.ts";
import { replayThroughConsumer, validateAgainst } from "../src/release/replay.ts";
import { type Servers, withServers } from "../src/servers.ts";
import { captureEverything } from "../src/wire/producer-on-the-wire.ts";
import { workingTree } from "../src/working-tree.ts";
import { type Replay, type Replays, replaysFile } from "./load/replays.ts";

async function replayAll(root: string, servers: Servers): Promise<Replay[]> {
  const contract = loadContract(workingTree(root));
  const { messages: published } = await captureEverything(root, contract, servers);
  const replays: Replay[] = [];
  for (const version of releaseVersions(root)) {
    const release = readRelease(root, version);
    replays.push({
      release: version,
      intoConsumer: await replayThroughConsumer(root, contract, servers, release),
      intoRelease: validateAgainst(release.contract, published, contract),
    });
  }
  return replays;
}

/**
 * Replays the golden messages of every release, on the servers that TEST_* name or else on the project's own, and keeps
 * what came of it for the site: a build has no servers. Throws a UsageError when the services are not as committed, for
 * then they have no version. Returns the path of what it has written.
 */
export async function recordReplays(root: string): Promise<string> {
  const changed = uncommitted(root, "producer", "consumer");
  if (changed.length > 0) {
    throw new UsageError(`Cannot record the replays: commit ${changed.map((line) => line.slice(3)).join(", ")} first`);
  }
  const recorded: Replays = {
    producer: serviceVersion(root, "producer"),
    consumer: serviceVersion(root, "consumer"),
    replays: await withServers(root, (servers) => replayAll(root, servers)),
  };
  await writeFile(join(root, replaysFile), `${JSON.stringify(recorded, null, 2)}\n`);
  return replaysFile;
}
