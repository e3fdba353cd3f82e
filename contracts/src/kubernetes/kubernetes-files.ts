import { parse, parseAllDocuments } from "yaml";
import { bundle, type ReadFile } from "../bundle.ts";
import { CONSUMER_DOCUMENT, PRODUCER_DOCUMENT } from "../contract.ts";
import { brokerDefinitions, describeQueue } from "../definitions.ts";
import { entriesAt, type JsonObject, objectAt, textAt } from "../json.ts";
import { canIDeployJobs } from "./can-i-deploy-jobs.ts";
import { ofOneJob } from "./job-deployment.ts";
import { type KubernetesObject, object, renderFile } from "./objects.ts";
import { scaledObject } from "./scaled-object.ts";
import { topologyObjects } from "./topology-objects.ts";

const FOLDER = "deploy/kubernetes";
const ALERTS = "deploy/prometheus/alerts.yml";
const DEPLOYMENT = `${FOLDER}/consumer/deployment.yaml`;
const NAMESPACE = "appointments";
/** Pods of one Deployment: two, so that one may go; and with the pools of all below max_connections. */
const replicas = { minReplicas: 2, maxReplicas: 4 };

/** What follows from the contracts and from the alert rules: path from the project's root → content. */
export function renderKubernetes(read: ReadFile): Map<string, string> {
  const consumer = bundle(CONSUMER_DOCUMENT, read);
  const definitions = brokerDefinitions(bundle(PRODUCER_DOCUMENT, read), consumer);
  const jobs = queuesOfJobs(consumer);
  const { groups } = parse(read(ALERTS)) as { groups: JsonObject[] };
  const template = parseAllDocuments(read(DEPLOYMENT)).map((one) => one.toJS() as KubernetesObject);
  const of = (names: string[], deployment: string) => {
    const queues = names.flatMap((job) => jobs.get(job)!);
    return scaledObject({ deployment, queues, jobs: names, ...replicas }, NAMESPACE);
  };
  return new Map([
    [
      `${FOLDER}/base/generated/topology.yaml`,
      renderFile(`${PRODUCER_DOCUMENT} and ${CONSUMER_DOCUMENT}`, topologyObjects(definitions)),
    ],
    [
      `${FOLDER}/base/generated/alerts.yaml`,
      renderFile(ALERTS, [object("monitoring.coreos.com/v1", "PrometheusRule", "appointments", { groups })]),
    ],
    [
      `${FOLDER}/consumer/generated/scaling.yaml`,
      renderFile(CONSUMER_DOCUMENT, [of([...jobs.keys()], "consumer")]),
    ],
    [`${FOLDER}/gate/generated/can-i-deploy.yaml`, renderFile(CONSUMER_DOCUMENT, canIDeployJobs([...jobs.keys()]))],
    [
      `${FOLDER}/jobs/generated/jobs.yaml`,
      renderFile(
        `${CONSUMER_DOCUMENT} and ${DEPLOYMENT}`,
        [...jobs.keys()].flatMap((job) => [
          ...template.map((one) => ofOneJob(one, job)),
          of([job], `consumer-${job}`),
        ]),
      ),
    ],
  ]);
}

/** What makes work for a job: its queue, and its retry queues, whose messages come back. Not its dead letters. */
function queuesOfJobs(consumer: JsonObject): Map<string, string[]> {
  return new Map(
    entriesAt(consumer, "operations").map(([job, operation]) => {
      const channel = textAt(operation, "channel", "$ref").split("/").at(-1)!;
      const topology = objectAt(consumer, "channels", channel, "x-rabbitmq");
      const { queues } = describeQueue({
        queue: objectAt(consumer, "channels", channel, "bindings", "amqp", "queue"),
        topology,
      });
      const deadLetters = textAt(topology, "deadLetter", "queue");
      return [job, queues.map(({ name }) => name).filter((name) => name !== deadLetters)];
    }),
  );
}
