import { type Command, type CommandInput, type Outcome, UsageError } from "../command.ts";
import { runPactBroker } from "../deploy/broker.ts";
import { type Answer, canIDeploy as ask, type MatrixRow } from "../deploy/can-i-deploy.ts";
import { readDeployments } from "../deploy/deployments.ts";
import {
  consumers,
  consumersOfVersion,
  pactFolder,
  type Participant,
  participantsNamed,
  provider,
} from "../deploy/participants.ts";
import { canIFollow, isFirstDeployment, stepsToFirstDeployment } from "../deploy/first-deployment.ts";
import { serviceVersion, versionAsked } from "../deploy/service-version.ts";
import { readVerifications } from "../deploy/verifications.ts";

export const participantOption = {
  value: "NAME",
  meaning: "producer, consumer (all of its pacts) or one job, such as audit",
  required: true,
};
export const versionOption = {
  value: "V",
  meaning: "the git tree hash of the service's folder; without it that of HEAD, which nothing uncommitted may follow",
};
export const environmentOption = { value: "ENV", meaning: "the environment, such as production", required: true };
export const brokerOption = {
  value: "URL",
  meaning: "ask a Pact Broker with Pact's own command line (its PACT_BROKER_* variables hold for it)",
};

export const canIDeploy: Command = {
  summary: "Answers whether a version works with everything that runs in an environment",
  usage: {
    positionals: [],
    flags: {
      first: "where no producer is recorded yet: whether this may follow the producer of HEAD, which goes first",
    },
    options: { participant: participantOption, version: versionOption, to: environmentOption, broker: brokerOption },
    markdown: false,
  },
  help: `The answer comes from contracts/verifications/, which prove writes, and contracts/deployments/, which
record-deployment writes. A consumer needs a verified pact with the producer that runs there; the producer needs one
with every consumer that runs there. So in a new environment the producer goes first: a no to the consumer says how to get
to a yes, and with --first the question is whether it may follow. Words and exit codes are those of Pact's own command.`,
  async run(input) {
    const { to = "", broker } = input.options;
    const { participants, version } = versionOfParticipants(input);
    if (broker !== undefined) return await askBroker(broker, participants, version, to);
    const question = { participants, version, environment: to };
    const deployed = readDeployments(input.root, to);
    const verifications = readVerifications(input.root);
    if (!isFirstDeployment(question, deployed)) return report(ask(question, deployed, verifications));

    const producer = serviceVersion(input.root, "producer");
    const following = canIFollow(question, producer, deployed, verifications);
    if (input.flags.has("first")) {
      const order = `No producer is recorded in ${to}: version ${producer} of it has to be deployed there first`;
      return report(following, [order]);
    }
    const { participant: asked = "" } = input.options;
    const steps = { asked, environment: to, producer, verified: following.deployable };
    return report(ask(question, deployed, verifications), stepsToFirstDeployment(steps));
  },
};

/** The participants that were asked for, and the version of them; `consumer` is every job that this version has. */
export function versionOfParticipants({ root, options }: CommandInput) {
  const { participant = "" } = options;
  const names = consumers(root);
  const participants = participantsNamed(participant, names);
  if (participants.length === 0) {
    const choice = `producer, consumer or one of ${names.join(", ")}`;
    throw new UsageError(`there is no participant ${participant}: choose ${choice}`);
  }
  const version = versionAsked(root, participants, options.version);
  const all = participant === "consumer";
  return {
    participants: all ? participantsNamed(participant, consumersOfVersion(root, version)) : participants,
    version,
  };
}

function report({ deployable, rows, reasons }: Answer, advice: string[] = []): Outcome {
  const verdict = deployable ? "Computer says yes \\o/" : "Computer says no ¯\\_(ツ)_/¯";
  const praise = rows.length === 0
    ? "There are no missing dependencies"
    : "All required verification results are published and successful";
  return {
    lines: [verdict, "", ...table(rows), ...(advice.length > 0 ? ["", ...advice, ""] : [])],
    findings: reasons.map(({ consumer, text }) => ({
      level: "error",
      file: `${pactFolder}/${consumer}-${provider}.json`,
      pointer: "",
      reason: text,
    })),
    summary: deployable ? praise : "not deployable",
    details: { deployable, matrix: rows },
  };
}

function table(rows: MatrixRow[]): string[] {
  const titles = ["CONSUMER", "C.VERSION", "PROVIDER", "P.VERSION", "SUCCESS?"];
  const cells = rows.map(({ consumer, consumerVersion, provider, providerVersion, success }) =>
    [consumer, consumerVersion, provider, providerVersion, success].map((cell) => String(cell ?? "???"))
  );
  const widths = titles.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ").trimEnd();
  return rows.length === 0
    ? []
    : [line(titles), widths.map((width) => "-".repeat(width)).join("-|-"), ...cells.map(line)];
}

/** Pact's command answers for one participant at a time; the consumer may go when all of its pacts may. */
async function askBroker(broker: string, participants: Participant[], version: string, to: string): Promise<Outcome> {
  const printed: string[] = [];
  const refused: string[] = [];
  for (const { name } of participants) {
    const question = ["--pacticipant", name, "--version", version, "--to-environment", to];
    const code = await runPactBroker(["can-i-deploy", ...question, "--broker-base-url", broker], (text) => {
      printed.push(text);
    });
    if (code !== 0) refused.push(name);
  }
  return {
    lines: printed.join("").split("\n"),
    findings: refused.map((name) => ({
      level: "error",
      file: pactFolder,
      pointer: "",
      reason: `${broker} says that version ${version} of ${name} can't be deployed to ${to}`,
    })),
    summary: refused.length === 0 ? "deployable" : "not deployable",
    details: { deployable: refused.length === 0, refused },
  };
}
