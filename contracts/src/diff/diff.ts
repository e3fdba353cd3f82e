import { CONSUMER_DOCUMENT, type Contract, jobs, PRODUCER_DOCUMENT, sentEvents } from "../contract.ts";
import { canonical, type JsonObject, objectAt } from "../json.ts";
import { type Change, VERDICTS } from "./change.ts";
import { consumerChanges } from "./consumer-changes.ts";
import { declaredChanges } from "./declared-changes.ts";
import { apiChanges } from "./http/api-changes.ts";
import { createCallers } from "./http/callers.ts";
import { lesser } from "./lesser.ts";
import { otherChanges } from "./other-changes.ts";
import { pairEvents, pairJobs } from "./pair.ts";
import { producerChanges } from "./producer-changes.ts";
import { createReaders, type Side } from "./readers.ts";

/**
 * What changed between two versions of the contract, gravest first. MAJOR is what one side's messages or declarations
 * cannot do with the other side's: new messages with old readers, queued messages with new readers, or the broker. So is
 * every change that no rule excuses.
 */
export function diffContracts(before: Side, after: Side): Change[] {
  const readers = { before: createReaders(before), after: createReaders(after) };
  const events = pairEvents(sentEvents(before.contract), sentEvents(after.contract));
  const paired = pairJobs(jobs(before.contract), jobs(after.contract));
  const described = once([
    ...producerChanges(events, readers),
    ...consumerChanges(before.contract, after.contract, paired),
    ...otherChanges(before.contract, after.contract, events, paired, readers.before),
    ...(before.api && after.api ? apiChanges(before.api, after.api, createCallers(before.httpPacts ?? [])) : []),
  ]);
  const changes = [...described, ...declaredChanges(before, after, described)];
  const notation = [
    notationChange(PRODUCER_DOCUMENT, "producer", before, after, changes),
    notationChange(CONSUMER_DOCUMENT, "consumer", before, after, changes),
  ];
  return [...changes, ...notation.filter((change) => change !== undefined)]
    .sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
}

/** Versions of an event share a channel and an operation: what changed there is one change. */
function once(changes: Change[]): Change[] {
  return [...new Map(changes.map((change) => [canonical(JSON.parse(JSON.stringify(change))), change])).values()];
}

/** What is left when nothing changed that is said: where it stands, in which order, and what nothing refers to. */
function notationChange(
  document: string,
  side: keyof Contract,
  before: Side,
  after: Side,
  changes: Change[],
): Change | undefined {
  if (changes.some((change) => change.document === document)) return undefined;
  if (ownNotation(before.contract, side) === ownNotation(after.contract, side)) return undefined;
  return lesser("notation", document, [], "written differently");
}

/** A document without its version, and without what it only takes over from the other one. */
function ownNotation(contract: Contract, side: keyof Contract): string {
  const { components, ...own }: JsonObject = contract[side];
  const { version: _version, ...info } = objectAt(own, "info");
  return canonical({ ...own, info, components: side === "producer" ? components ?? {} : {} });
}
