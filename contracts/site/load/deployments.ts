import { type Answer, canIDeploy } from "../../src/deploy/can-i-deploy.ts";
import { type Deployments, environments, readDeployments } from "../../src/deploy/deployments.ts";
import { consumers, participantsNamed, provider } from "../../src/deploy/participants.ts";
import { serviceVersion } from "../../src/deploy/service-version.ts";
import { readVerifications, type Verification } from "../../src/deploy/verifications.ts";
import type { Release } from "../../src/release/release.ts";
import { loadRevisions, newestFirst, type Revision, type Versions } from "./revisions.ts";

export interface GateAnswer {
  service: "producer" | "consumer";
  /** An environment, or a release that might run in one. */
  place: string;
  answer: Answer;
}

export interface Deployability {
  /** The newest first. */
  verifications: Verification[];
  revisions: Revision[];
  /** The git tree hashes of the services at HEAD. */
  head: Versions;
  /** Whether HEAD may go to each environment that something was deployed to. */
  answers: GateAnswer[];
  /** Whether HEAD would go to where a release runs. */
  beside: GateAnswer[];
}

/** What the deploy gate says of HEAD. */
export function loadDeployability(root: string, releases: Release[]): Deployability {
  const revisions = loadRevisions(root);
  const verifications = newestFirst(revisions, readVerifications(root));
  const head = { producer: serviceVersion(root, "producer"), consumer: serviceVersion(root, "consumer") };
  const names = consumers(root);
  const ask = (place: string, deployed: Deployments): GateAnswer[] =>
    (["producer", "consumer"] as const).map((service) => {
      const question = { participants: participantsNamed(service, names), version: head[service], environment: place };
      return { service, place, answer: canIDeploy(question, deployed, verifications) };
    });
  const running = ({ services }: Release): Deployments =>
    Object.fromEntries([[provider, services.producer], ...names.map((name) => [name, services.consumer])]);
  return {
    verifications,
    revisions,
    head,
    answers: environments(root).flatMap((environment) => ask(environment, readDeployments(root, environment))),
    beside: releases.flatMap((release) => ask(release.version, running(release))),
  };
}

/** The verification that a job passed last. */
export function verificationOf(
  { verifications }: Pick<Deployability, "verifications">,
  job: string,
): Verification | undefined {
  return verifications.find(({ results }) => results[`appointment-${job}`]?.success);
}
