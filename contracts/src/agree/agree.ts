import { CONSUMER_DOCUMENT, type Contract, type Job, jobs, type SentEvent, sentEvents } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { arrayAt, at, type Path } from "../json.ts";
import { expectedFields, type Interaction, type Pact, PROVIDER } from "../pacts.ts";
import { project } from "../project.ts";
import { topologyProblems } from "../validate/topology.ts";
import { flippedActions, omittableNeeds } from "./documents.ts";
import { interactionProblems } from "./interactions.ts";

/** Where the pacts and the two effective documents contradict each other. */
export function agreeProblems(contract: Contract, generatedFrom: Contract, pacts: Pact[]): Problem[] {
  const events = sentEvents(contract);
  const receivers = jobs(contract);
  return [
    ...flippedActions(contract),
    ...topologyProblems(contract),
    ...omittableNeeds(contract, generatedFrom),
    ...pacts.flatMap((pact) => pactProblems(pact, receivers, events)),
    ...receivers.flatMap((job) => coverageProblems(job, pacts.filter((pact) => pact.job === job.name), events)),
  ];
}

/** Where an interaction says which event it is about. */
const NAME = project.envelope ? ["contents", "content", project.envelope.name] : ["metadata", "routingKey"];

function pactProblems(pact: Pact, receivers: Job[], events: SentEvent[]): Problem[] {
  const problem = (path: Path, reason: string): Problem => ({ document: pact.file, path, reason });
  if (pact.provider !== PROVIDER) return [problem(["provider", "name"], `is ${pact.provider}, not ${PROVIDER}`)];
  const job = receivers.find(({ name }) => name === pact.job);
  if (job === undefined) {
    return [problem(["consumer", "name"], `${CONSUMER_DOCUMENT} has no operation that receives as ${pact.job}`)];
  }
  return pact.interactions.flatMap((interaction) => {
    const event = eventOf(events, interaction);
    const place = [...interaction.path, ...NAME];
    if (event === undefined) {
      return [problem(place, `expects ${named(interaction)}, which the producer does not send`)];
    }
    if (!job.receives.some(({ id }) => id === event.id)) {
      return [problem(place, `expects ${event.eventName}, which ${job.name} does not receive`)];
    }
    return interactionProblems(pact, interaction, event, job);
  });
}

/** Every event that a job receives is in its pact, with everything that the job reads, and also without the optional. */
function coverageProblems(job: Job, pacts: Pact[], events: SentEvent[]): Problem[] {
  return job.receives.flatMap((received) => {
    const { id } = received;
    const event = events.find((sent) => sent.id === id);
    const interactions = pacts.flatMap((pact) => pact.interactions).filter((one) =>
      eventOf(job.receives, one)?.id === id
    );
    if (interactions.length === 0) {
      const reason = `${job.name} receives ${
        named(received)
      }, but no pact of ${project.pacts.consumerPrefix}${job.name} expects it`;
      return [{ document: CONSUMER_DOCUMENT, path: ["operations", job.name, "x-reads", id], reason }];
    }
    return (job.reads[id] ?? []).flatMap((field, index) => {
      const reason = readProblem(field, interactions, event);
      return reason === undefined
        ? []
        : [{ document: CONSUMER_DOCUMENT, path: ["operations", job.name, "x-reads", id, index], reason }];
    });
  });
}

type Versioned = Pick<SentEvent, "eventName" | "version">;

/** A version that there isn't is a wrong one of the event, not another event. */
function eventOf<Event extends Versioned>(events: Event[], { eventName, version }: Versioned): Event | undefined {
  const versions = events.filter((event) => event.eventName === eventName);
  return versions.find((event) => event.version === version) ?? versions[0];
}

function named({ eventName, version }: Versioned): string {
  return version === 1 ? eventName : `${eventName} version ${version}`;
}

function readProblem(field: string, interactions: Interaction[], event: SentEvent | undefined): string | undefined {
  const expecting = interactions.filter((interaction) => expectedFields(interaction).includes(field));
  if (expecting.length === 0) return `no interaction with ${interactions[0]?.eventName} expects ${field}`;
  if (event === undefined || expecting.length < interactions.length || isRequired(event, field)) return undefined;
  return `every interaction with ${event.eventName} has ${field}, which the producer may omit`;
}

function isRequired({ payload }: SentEvent, field: string): boolean {
  const [first = "", second] = field.split(".");
  const owner = second === undefined ? payload : at(payload, "properties", first);
  return arrayAt(owner, "required").includes(second ?? first);
}
