import { parse } from "yaml";
import { CONSUMER_DOCUMENT, loadContract, PRODUCER_DOCUMENT } from "../../src/contract.ts";
import { diffContracts } from "../../src/diff/diff.ts";
import { DocumentError } from "../../src/finding.ts";
import { pointer } from "../../src/json.ts";
import { workingTree } from "../../src/working-tree.ts";
import { type DocumentEdit, documentEdits } from "./document-edits.ts";
import { edited } from "./project.ts";

export interface Judged {
  verdict: string;
  line: string;
}

/** What `diff` says of each edit of each place of both documents; `refused` where they can't be read any more. */
export function judgeAll(root: string, isWalked: (edit: DocumentEdit) => boolean): Judged[] {
  const before = { contract: loadContract(workingTree(root)), pacts: [] };
  return [PRODUCER_DOCUMENT, CONSUMER_DOCUMENT].flatMap((file, side) => {
    const edits = [...documentEdits(parse(workingTree(root)(file)))].filter(isWalked);
    return edits.map(({ operator, path, edit }) => {
      const read = edited((...documents) => edit(documents[side]), root);
      return judge(before, read, `${file}#${pointer(path)} ${operator}`);
    });
  });
}

function judge(before: Parameters<typeof diffContracts>[0], read: ReturnType<typeof edited>, line: string): Judged {
  try {
    const [gravest] = diffContracts(before, { contract: loadContract(read), pacts: [] });
    if (gravest === undefined) return { verdict: "none", line };
    return { verdict: gravest.rule === undefined ? gravest.verdict : `${gravest.verdict} ${gravest.rule}`, line };
  } catch (error) {
    if (error instanceof DocumentError) return { verdict: "refused", line };
    throw error;
  }
}
