import { type Answer, canIDeploy } from "../../src/deploy/can-i-deploy.ts";
import { environments, readDeployments } from "../../src/deploy/deployments.ts";
import { consumers, participantsNamed } from "../../src/deploy/participants.ts";
import { serviceVersion } from "../../src/deploy/service-version.ts";
import { readVerifications, type Verification } from "../../src/deploy/verifications.ts";

export interface Deployability {
  verifications: Verification[];
  /** The git tree hashes of the services at HEAD. */
  head: { producer: string; consumer: string };
  answers: {
    service: "producer" | "consumer";
    environment: string;
    answer: Answer;
  }[];
}

/** What the deploy gate says of HEAD, for every environment that something was deployed to. */
export function loadDeployability(root: string): Deployability {
  const verifications = readVerifications(root);
  const head = {
    producer: serviceVersion(root, "producer"),
    consumer: serviceVersion(root, "consumer"),
  };
  const services = ["producer", "consumer"] as const;
  const answers = environments(root).flatMap((environment) =>
    services.map((service) => {
      const participants = participantsNamed(service, consumers(root));
      const question = { participants, version: head[service], environment };
      return {
        service,
        environment,
        answer: canIDeploy(
          question,
          readDeployments(root, environment),
          verifications,
        ),
      };
    })
  );
  return { verifications, head, answers };
}

/** The verification that a job last passed: the one of HEAD where there is one. */
export function verificationOf(
  { verifications, head }: Deployability,
  job: string,
): Verification | undefined {
  const passed = verifications.filter(({ results }) => results[`appointment-${job}`]?.success);
  return passed.find(({ producer, consumer }) => producer === head.producer && consumer === head.consumer) ??
    passed.at(-1);
}
