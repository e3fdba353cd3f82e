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

/** The lines of a runbook's table for one of the places: the service that they are run in, and what is run there. */
export function linesFor(where: Where, { text }: Runbook): { line: string; service: string; command: string }[] {
  const rows = text.split("\n").filter((row) => new RegExp(`^ *\\| ${where} +\\|`).test(row));
  return rows.flatMap((row) => code(row)).map((line) => {
    const [, service, rest] = forms[where].exec(line) ?? [];
    if (service === undefined || rest === undefined) throw new Error(`${line} is no command for ${where}`);
    return { line, service, command: where === "the local system" ? `${service} ${rest}` : rest };
  });
}
