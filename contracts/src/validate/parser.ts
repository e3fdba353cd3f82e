import { join, relative } from "node:path";
import type { Parser } from "@asyncapi/parser";
import type { ReadFile } from "../bundle.ts";
import { CONSUMER_DOCUMENT, PRODUCER_DOCUMENT } from "../contract.ts";
import type { Problem } from "../finding.ts";

const ERROR = 0;

/** What the AsyncAPI parser itself refuses. Its warnings and hints are matters of taste. */
export async function parserProblems(root: string, read: ReadFile): Promise<Problem[]> {
  const { Parser } = await import("@asyncapi/parser"); // takes a second: not for other commands
  const problems = await Promise.all(
    [PRODUCER_DOCUMENT, CONSUMER_DOCUMENT].map((file) => parse(new Parser(), root, file, read)),
  );
  return problems.flat();
}

async function parse(parser: Parser, root: string, file: string, read: ReadFile): Promise<Problem[]> {
  const diagnostics = await parser.validate(read(file), { source: join(root, file) });
  const errors = diagnostics.filter(({ severity }) => severity === ERROR);
  return errors.map(({ source, path, message }) => ({
    document: source === undefined ? file : relative(root, source),
    path,
    reason: message,
  }));
}
