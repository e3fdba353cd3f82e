import { type Contract, jobs } from "../contract.ts";
import { arrayAt, textAt } from "../json.ts";
import { topicMatches } from "../topic.ts";
import type { Handled } from "../services.ts";
import type { Message } from "./histories.ts";

/** What one job has to make of one message. */
export interface Expectation {
  job: string;
  message: Message;
  what: string;
  dead: boolean;
}

const ENVELOPE = ["eventName", "aggregateId", "timestamp", "version", "payload"];

/** One for each job whose queue the message reaches. It is dead for those that read the field that was mutated. */
export function expectationsOf(
  contract: Contract,
  message: Message,
  what: string,
  mutated?: string,
): Expectation[] {
  const { routingKey, id } = message.event;
  return jobs(contract)
    .filter(({ topology }) =>
      arrayAt(topology, "bindings").some((binding) => topicMatches(textAt(binding, "routingKey"), routingKey))
    )
    .map(({ name, reads }) => ({
      job: name,
      message,
      what,
      dead: mutated !== undefined && [...ENVELOPE, ...(reads[id] ?? [])].includes(mutated),
    }));
}

/** Events that a job gets with the others and that change nothing for it. */
const IGNORED: Record<string, string[]> = {
  availability: ["appointment.contact_changed"],
  calendar: [
    "appointment.contact_changed",
    "appointment.arrived",
    "appointment.completed",
    "appointment.no_show",
    "appointment.reopened",
  ],
};

/** Where what the inboxes and dead letters say is not what was expected. */
export function outcomeProblems(expectations: Expectation[], handled: Handled[]): string[] {
  const outcomes = new Map<string, Handled[]>();
  for (const one of handled) {
    const key = `${one.job} ${one.eventKey}`;
    outcomes.set(key, [...outcomes.get(key) ?? [], one]);
  }
  return expectations.flatMap(({ job, message: { event, messageId }, what, dead }) => {
    const [outcome, another] = outcomes.get(`${job} ${messageId}`) ?? [];
    const says = (problem: string) => [`${job} ${messageId} (${what}): ${problem}`];
    if (outcome === undefined) return says("neither effect nor dead letter");
    if (another !== undefined) return says("handled, and in the dead letters as well");
    if (dead) return outcome.deadBecause === undefined ? says(outcome.outcome) : [];
    if (outcome.deadBecause !== undefined) return says(`dead letter, ${outcome.deadBecause}`);
    const expected = IGNORED[job]?.includes(event.eventName) ? "ignored" : "applied";
    return outcome.outcome === expected ? [] : says(outcome.outcome);
  });
}
