import { type Path, pointer } from "./json.ts";

/** What a command has to say about one place. Errors fail the command, notes do not. */
export interface Finding {
  level: "error" | "note";
  /** From the project's root. */
  file: string;
  /** RFC 6901; empty for the whole file. */
  pointer: string;
  reason: string;
}

/** A finding about a place of an effective document, before it is traced to the file that says it. */
export interface Problem {
  document: string;
  path: Path;
  reason: string;
  level?: "error" | "note";
}

/** A document that cannot be read any further. */
export class DocumentError extends Error {
  readonly finding: Finding;

  constructor(file: string, path: Path, reason: string) {
    super(`${file}#${pointer(path)}: ${reason}`);
    this.finding = { level: "error", file, pointer: pointer(path), reason };
  }
}
