import type { ReadFile } from "../bundle.ts";
import { type Contract, loadContract, PRODUCER_DOCUMENT, sentEvents } from "../contract.ts";
import { DocumentError, type Finding, type Problem } from "../finding.ts";
import { createLocator } from "../locate.ts";
import { project } from "../project.ts";
import { bindingProblems } from "./bindings.ts";
import { encryptionProblems } from "./encrypted.ts";
import { exampleProblems } from "./examples.ts";
import { parserProblems } from "./parser.ts";
import { readProblems } from "./reads.ts";
import { topologyProblems } from "./topology.ts";

/** Everything that is wrong with the two documents. What the parser refuses is not looked at any further. */
export async function validate(root: string, read: ReadFile): Promise<Finding[]> {
  try {
    const contract = loadContract(read);
    const refused = await parserProblems(root, read);
    return traced(refused.length > 0 ? refused : contractProblems(contract), read);
  } catch (error) {
    if (error instanceof DocumentError) return [error.finding];
    throw error;
  }
}

/** Each finding once, though both documents may refer to its place. */
export function traced(problems: Problem[], read: ReadFile): Finding[] {
  const findings = problems.map(createLocator(read));
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** A body that does not say which event it is leaves its routing key to say it. */
function nameProblems(contract: Contract): Problem[] {
  return sentEvents(contract).filter(({ eventName, routingKey }) => eventName !== routingKey).map((event) => ({
    document: PRODUCER_DOCUMENT,
    path: [...event.path, "name"],
    reason: `must be ${JSON.stringify(event.routingKey)}, the routing key: without an envelope readers know it by that`,
  }));
}

/** The checks that need nothing but the effective documents. */
export function contractProblems(contract: Contract): Problem[] {
  return [
    ...(project.envelope ? [] : nameProblems(contract)),
    ...exampleProblems(contract),
    ...bindingProblems(contract),
    ...encryptionProblems(contract),
    ...readProblems(contract),
    ...topologyProblems(contract),
  ];
}
