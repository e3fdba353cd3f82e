import type { Deployments } from "./deployments.ts";
import { type Participant, provider } from "./participants.ts";
import { resultFor, type Verification } from "./verifications.ts";

export interface MatrixRow {
  consumer: string;
  consumerVersion: string | undefined;
  provider: string;
  providerVersion: string | undefined;
  /** Undefined: never verified. */
  success: boolean | undefined;
}

export interface Answer {
  deployable: boolean;
  rows: MatrixRow[];
  /** One for each row that stands in the way. */
  reasons: Reason[];
}

export interface Reason {
  consumer: string;
  text: string;
}

export interface Question {
  participants: Participant[];
  version: string;
  environment: string;
}

/**
 * Whether this version works with everything that runs in the environment. A consumer needs its provider there; a
 * provider needs nobody, but must satisfy every consumer that is there. The reasons are in Pact's words.
 */
export function canIDeploy(question: Question, deployed: Deployments, verifications: Verification[]): Answer {
  const rows = question.participants.flatMap((participant) => rowsOf(participant, question.version, deployed));
  const judged = rows.map((row) => ({ ...row, success: judge(row, verifications) }));
  const reasons = judged.filter((row) => row.success !== true).map((row) => ({
    consumer: row.consumer,
    text: reasonAgainst(row, question),
  }));
  return { deployable: reasons.length === 0, rows: judged, reasons };
}

function rowsOf(participant: Participant, version: string, deployed: Deployments): Omit<MatrixRow, "success">[] {
  if (participant.service === "consumer") {
    const providerVersion = deployed[provider];
    return [{ consumer: participant.name, consumerVersion: version, provider, providerVersion }];
  }
  return Object.entries(deployed)
    .filter(([name]) => name !== provider)
    .map(([consumer, consumerVersion]) => ({ consumer, consumerVersion, provider, providerVersion: version }));
}

function judge(row: Omit<MatrixRow, "success">, verifications: Verification[]): boolean | undefined {
  const { consumer, consumerVersion, providerVersion } = row;
  if (consumerVersion === undefined || providerVersion === undefined) return undefined;
  return resultFor(verifications, { consumer, consumerVersion, providerVersion })?.success;
}

function reasonAgainst(row: MatrixRow, { version, environment, participants }: Question): string {
  const describe = (name: string, its: string | undefined) => {
    if (its === undefined) {
      return `a version of ${name} currently in ${environment} ` +
        "(no version is currently recorded as deployed/released in this environment)";
    }
    const asked = its === version && participants.some((participant) => participant.name === name);
    return asked ? `version ${its} of ${name}` : `the version of ${name} currently in ${environment} (${its})`;
  };
  const pair = `${describe(row.consumer, row.consumerVersion)} and ${describe(row.provider, row.providerVersion)}`;
  return row.success === false
    ? `The verification for the pact between ${pair} failed`
    : `There is no verified pact between ${pair}`;
}
