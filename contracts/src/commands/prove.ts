import process from "node:process";
import { OPENAPI_DOCUMENT } from "../client-types.ts";
import { type Command, type Outcome, UsageError } from "../command.ts";
import { type Contract, loadContract, PRODUCER_DOCUMENT } from "../contract.ts";
import { type DeployedPacts, deployedPacts } from "../deploy/deployed-pacts.ts";
import { isShallow, MissingHistory } from "../deploy/git.ts";
import { pactFolder, provider } from "../deploy/participants.ts";
import { serviceVersion, uncommitted } from "../deploy/service-version.ts";
import { verificationFolder, writeVerification } from "../deploy/verifications.ts";
import type { Finding } from "../finding.ts";
import { type PactFiles, readPacts } from "../pact-files.ts";
import { type Servers, withServers } from "../servers.ts";
import type { WalkOptions } from "../services.ts";
import { digest, type Pact, type Proof, prove as verify, type ProvedPact } from "../wire/prove.ts";
import { workingTree } from "../working-tree.ts";

/** How many random walks there are where nobody says it. */
const RUNS = 20;

export const prove: Command = {
  summary: "Verifies the pacts on the bytes that the running producer publishes",
  usage: {
    positionals: [],
    flags: {},
    options: {
      runs: { value: "N", meaning: `random walks, after each command was taken from each state; ${RUNS}` },
      seed: { value: "N", meaning: "the same number draws the same values; without it one is drawn and printed" },
    },
    markdown: false,
  },
  help: `Starts the producer, brings about each provider state with requests to its API, and takes what comes out of
RabbitMQ. Those bytes go to Pact's verifier, and with properties and headers to the AsyncAPI schema: formats on,
undeclared fields refused. So does all else that came out: an event that is not described fails, and so does a
message_id that comes twice. Each answer of the API has to be as openapi.json describes it. Uses the servers that TEST_* name, else the local stack.

Where that is right, a model walks every command from every state, and then random ones. It computes from the request and the
state before what has to be told; each message is compared with that whole, with its properties, headers, keys and copies,
and so is the order of each aggregate. What both services declared at the broker is compared with the documents.

The result is recorded in contracts/verifications/ for the pair of git tree hashes, when producer/, consumer/ and the
pacts are as committed. Consumer versions that run somewhere (contracts/deployments/) are verified as well: what they
would not understand is a note here and a no from can-i-deploy.`,
  async run({ root, options }) {
    const seed = wholeNumber("seed", options.seed) ?? Math.floor(Math.random() * 1_000_000);
    const runs = wholeNumber("runs", options.runs) ?? RUNS;
    if (options.seed === undefined) process.stderr.write(`seed ${seed}\n`);
    if (readPacts(root).size === 0) throw new UsageError(`${pactFolder} is empty: run npm run contracts -- pact`);
    const contract = loadContract(workingTree(root));
    const deployed = deployedPacts(root);
    const lost = deployed.find(({ pacts }) => pacts.size === 0);
    if (lost && isShallow(root)) {
      throw new MissingHistory(`consumer ${lost.version}, which runs in ${lost.environment},`);
    }
    return await withServers(root, (servers) => proveAndRecord(root, contract, deployed, servers, { seed, runs }));
  },
};

/** The pacts of one consumer version; without a version they are those of the working tree, which has none. */
interface PactSet {
  version: string | undefined;
  /** Where the version runs; undefined for the working tree. */
  environment: string | undefined;
  pacts: Pact[];
}

async function proveAndRecord(
  root: string,
  contract: Contract,
  deployed: DeployedPacts[],
  servers: Servers,
  walk: WalkOptions,
): Promise<Outcome> {
  const changed = uncommitted(root, "producer", "consumer", pactFolder);
  const committed = changed.length === 0;
  const sets: PactSet[] = [
    {
      version: committed ? serviceVersion(root, "consumer") : undefined,
      environment: undefined,
      pacts: pactsIn(readPacts(root)),
    },
    ...deployed.map(({ version, environment, pacts }) => ({ version, environment, pacts: pactsIn(pacts) })),
  ];
  const distinct = new Map(sets.flatMap(({ pacts }) => pacts).map((pact) => [keyOf(pact), pact]));
  const proof = await verify(root, contract, servers, [...distinct.values()], walk);
  const proved = new Map([...distinct.keys()].map((key, index) => [key, proof.pacts[index] as ProvedPact]));

  const recorded = new Set<string>();
  const findings: Finding[] = proof.violations.map((violation) => ({
    level: "error",
    file: PRODUCER_DOCUMENT,
    ...violation,
  }));
  findings.push(
    ...proof.answers.map((violation) => ({ level: "error" as const, file: OPENAPI_DOCUMENT, ...violation })),
  );
  for (const { version, environment, pacts } of sets) {
    if (pacts.length === 0) {
      const reason =
        `version ${version} runs in ${environment}, but no commit of this clone holds it: fetch all branches`;
      findings.push({ ...note(reason), level: "error" });
    }
    const results = pacts.map((pact) => proved.get(keyOf(pact)) as ProvedPact);
    findings.push(...results.flatMap((result) => findingsOf(result, version, environment)));
    if (!committed || version === undefined || pacts.length === 0) continue;
    const verification = { producer: serviceVersion(root, "producer"), consumer: version };
    const byConsumer = Object.fromEntries(results.map(({ consumer, result }) => [consumer, result]));
    recorded.add(writeVerification(root, { ...verification, results: byConsumer }));
  }
  if (!committed) {
    const more = changed.length > 3 ? ` and ${changed.length - 3} more` : "";
    const files = changed.slice(0, 3).map((line) => line.slice(3)).join(", ");
    findings.push(note(`not recorded, for ${files}${more} changed since the last commit`));
  }
  const interactions = proof.pacts.reduce((sum, { result }) => sum + result.interactions, 0);
  return {
    lines: [
      ...[...recorded].map((file) => `recorded in ${file}`),
      ...walkLines(proof, walk),
    ],
    findings: [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()],
    summary: `${interactions} interactions verified from the wire`,
    details: { interactions, walked: proof.walked, ...walk },
  };
}

/** What was walked, and how to walk it again where something was wrong. */
export function walkLines(
  { walked: { commands, runs: done, events }, violations }: Proof,
  { seed, runs }: WalkOptions,
): string[] {
  if (events === 0) return ["the model was not walked: what is published is wrong without it"];
  return [
    `${commands} commands from states and ${done} random walks, ${events} events as the model has them: seed ${seed}`,
    ...(violations.length > 0 ? [`again with: npm run contracts -- prove --seed ${seed} --runs ${runs}`] : []),
  ];
}

function wholeNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,6}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`--${name} takes a whole number of up to six digits, not ${text}`);
}

/** What breaks the working tree is an error; what breaks a version that runs somewhere is for can-i-deploy to judge. */
function findingsOf(
  { consumer, mismatches }: ProvedPact,
  version: string | undefined,
  environment: string | undefined,
): Finding[] {
  const level: Finding["level"] = environment === undefined ? "error" : "note";
  const where = environment === undefined ? "" : `version ${version} in ${environment}: `;
  return mismatches.map(({ interaction, pointer, reason }) => ({
    level,
    file: `${pactFolder}/${consumer}-${provider}.json`,
    pointer,
    reason: `${where}${interaction}: ${reason}`,
  }));
}

function note(reason: string): Finding {
  return { level: "note", file: verificationFolder, pointer: "", reason };
}

function pactsIn(files: PactFiles): Pact[] {
  return [...files].map(([name, content]) => ({ consumer: name.slice(0, -`-${provider}.json`.length), content }));
}

function keyOf({ consumer, content }: Pact): string {
  return `${consumer} ${digest(content)}`;
}
