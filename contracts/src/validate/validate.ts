import type { ReadFile } from "../bundle.ts";
import { type Contract, loadContract } from "../contract.ts";
import { DocumentError, type Finding, type Problem } from "../finding.ts";
import { createLocator } from "../locate.ts";
import { bindingProblems } from "./bindings.ts";
import { exampleProblems } from "./examples.ts";
import { parserProblems } from "./parser.ts";
import { readProblems } from "./reads.ts";
import { topologyProblems } from "./topology.ts";

/** Everything that is wrong with the two documents. What the parser refuses is not looked at any further. */
export async function validate(root: string, read: ReadFile): Promise<Finding[]> {
  let contract: Contract;
  try {
    contract = loadContract(read);
  } catch (error) {
    if (error instanceof DocumentError) return [error.finding];
    throw error;
  }
  const refused = await parserProblems(root, read);
  return (refused.length > 0 ? refused : problemsOf(contract)).map(createLocator(read));
}

/** The checks that need nothing but the effective documents. */
function problemsOf(contract: Contract): Problem[] {
  return [
    ...exampleProblems(contract),
    ...bindingProblems(contract),
    ...readProblems(contract),
    ...topologyProblems(contract),
  ];
}
