import type { Outcome } from "../command.ts";
import type { Finding } from "../finding.ts";

export function renderText({ lines = [], findings, summary }: Outcome): string {
  return [...lines, ...findings.map(line), summary].map((text) => `${text}\n`).join("");
}

export function line({ level, file, pointer, reason }: Finding): string {
  return `${file}${pointer === "" ? "" : `#${pointer}`}: ${level === "note" ? "note: " : ""}${reason}`;
}
