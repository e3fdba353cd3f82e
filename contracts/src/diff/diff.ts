import { CONSUMER_DOCUMENT, type Contract, PRODUCER_DOCUMENT } from "../contract.ts";
import { canonical, type JsonObject, objectAt } from "../json.ts";
import { type Change, VERDICTS } from "./change.ts";
import { consumerChanges } from "./consumer-changes.ts";
import { declaredChanges } from "./declared-changes.ts";
import { producerChanges } from "./producer-changes.ts";
import { createReaders, type Side } from "./readers.ts";

/**
 * What changed between two versions of the contract, gravest first. MAJOR is what one side's messages or declarations
 * cannot do with the other side's: new messages with old readers, queued messages with new readers, or the broker.
 */
export function diffContracts(before: Side, after: Side): Change[] {
  const readers = { before: createReaders(before), after: createReaders(after) };
  const described = [
    ...producerChanges(before.contract, after.contract, readers),
    ...consumerChanges(before.contract, after.contract),
  ];
  const changes = [...described, ...declaredChanges(before, after, described)];
  const wording = [
    wordingChange(PRODUCER_DOCUMENT, "producer", before, after, changes),
    wordingChange(CONSUMER_DOCUMENT, "consumer", before, after, changes),
  ];
  return [...changes, ...wording.filter((change) => change !== undefined)]
    .sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict));
}

/** What is left when nothing that works changed: titles, descriptions, examples. */
function wordingChange(
  document: string,
  side: keyof Contract,
  before: Side,
  after: Side,
  changes: Change[],
): Change | undefined {
  if (changes.some((change) => change.document === document)) return undefined;
  if (ownWording(before.contract, side) === ownWording(after.contract, side)) return undefined;
  return { verdict: "PATCH", document, path: [], what: "titles, descriptions or examples changed", breaks: [] };
}

/** A document without its version, and without what it only takes over from the other one. */
function ownWording(contract: Contract, side: keyof Contract): string {
  const { components, ...own }: JsonObject = contract[side];
  const { version: _version, ...info } = objectAt(own, "info");
  return canonical({ ...own, info, components: side === "producer" ? components ?? {} : {} });
}
