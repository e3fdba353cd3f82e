import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../local-files.ts";

export const services = ["producer", "consumer"] as const;
export type ServiceName = typeof services[number];

const folder = join(root, "docs/operate");

export interface Runbook {
  file: string;
  text: string;
  /** Every `consumer …` and `producer …` that it says to run, with what stands for something in capital letters. */
  commands: string[];
}

/** What is in code: the lines of its blocks, and what stands between backquotes, maybe over the end of a line. */
function code(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```\w*\n([^]*?)^ *```$/gm)].flatMap(([, lines]) => lines!.split("\n"));
  const rest = text.replaceAll(/^ *```\w*\n[^]*?^ *```$/gm, "");
  const inline = [...rest.matchAll(/`([^`]+)`/g)].map(([, words]) => words!.replaceAll(/\s+/g, " "));
  return [...blocks, ...inline].map((line) => line.trim());
}

/** Tells how the system is kept there, for one place only. */
const notRunbooks = ["kubernetes.md"];

export function readRunbooks(): Runbook[] {
  const files = readdirSync(folder).filter((file) => file.endsWith(".md") && !notRunbooks.includes(file));
  return files.map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const commands = code(text).filter((line) => /^(producer|consumer) [a-z]/.test(line));
    return { file, text, commands: [...new Set(commands)] };
  });
}

const forms = {
  "the local system": /^npm run (\S+) -- (.+)$/,
  compose: /^docker compose exec (\S+) (.+)$/,
  Kubernetes: /^kubectl exec deploy\/(\S+) -- (.+)$/,
};
export type Where = keyof typeof forms;
export const places = Object.keys(forms) as Where[];

const ofService = /^(npm run|docker compose exec|kubectl exec deploy\/) ?(producer|consumer) /;

/** The lines of a runbook's tables for one of the places that run a service's command: where, and what. */
export function linesFor(where: Where, { text }: Runbook): { line: string; service: string; command: string }[] {
  return rowsFor(where, text).flatMap((row) => code(row)).filter((line) => ofService.test(line)).map((line) => {
    const [, service, rest] = forms[where].exec(line) ?? [];
    if (service === undefined || rest === undefined) throw new Error(`${line} is no command for ${where}`);
    return { line, service, command: where === "the local system" ? `${service} ${rest}` : rest };
  });
}

function rowsFor(where: Where, text: string): string[] {
  return text.split("\n").filter((row) => new RegExp(`^ *\\| ${where} +\\|`).test(row));
}

export const sections = [
  "What you see",
  "How you find the cause",
  "How you mend it",
  "How you know that it is over",
] as const;
export type Section = typeof sections[number];

/**
 * What a person types who follows the runbook on the local system from top to bottom: the lines of its blocks, and of its tables the
 * row of the local system. What stands within a sentence is another case.
 */
export function stepsOf({ text }: Pick<Runbook, "text">): { section: Section; line: string }[] {
  return sections.flatMap((section) => {
    const [, rest = ""] = text.split(new RegExp(`^## ${section}$`, "m"));
    const lines = rest.split(/^## /m)[0]!.split("\n");
    let inBlock = false;
    return lines.flatMap((line) => {
      if (/^ *```/.test(line)) {
        inBlock = !inBlock;
        return [];
      }
      return inBlock ? [line.trim()] : rowsFor("the local system", line).flatMap(code);
    }).map((line) => ({ section, line: line.replace(/^(producer|consumer) /, "npm run $1 -- ") }));
  });
}
