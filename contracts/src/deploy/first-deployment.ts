import { type Answer, canIDeploy, type Question } from "./can-i-deploy.ts";
import type { Deployments } from "./deployments.ts";
import { provider } from "./participants.ts";
import type { Verification } from "./verifications.ts";

/** Whether a consumer is asked for where no producer is recorded: then the answer can only be no. */
export function isFirstDeployment({ participants }: Question, deployed: Deployments): boolean {
  return deployed[provider] === undefined && participants.some(({ service }) => service === "consumer");
}

/** The answer once this version of the producer is there. */
export function canIFollow(
  question: Question,
  producer: string,
  deployed: Deployments,
  verifications: Verification[],
): Answer {
  return canIDeploy(question, { ...deployed, [provider]: producer }, verifications);
}

/** What leads from an environment without a producer to a yes for the consumer. */
export function stepsToFirstDeployment(
  { asked, environment, producer, verified }: {
    asked: string;
    environment: string;
    producer: string;
    verified: boolean;
  },
): string[] {
  const contracts = (command: string, participant: string) =>
    `  npm run contracts -- ${command} --participant ${participant} --to ${environment}`;
  const prove = [
    "  npm run contracts -- prove",
    "  git add contracts/verifications && git commit --message 'Record what was verified'",
  ];
  return [
    `No producer is recorded in ${environment}, and a consumer needs one there. The producer goes first:`,
    "",
    ...(verified ? [] : prove),
    contracts("can-i-deploy", "producer"),
    `  (deploy the producer, version ${producer})`,
    contracts("record-deployment", "producer"),
    "  git add contracts/deployments && git commit --message 'Record a deployment'",
    contracts("can-i-deploy", asked),
    "",
    verified
      ? "The last answer will be yes: the two were verified with each other."
      : "The last answer will be yes where prove finds nothing wrong: the two were not verified with each other yet.",
  ];
}
