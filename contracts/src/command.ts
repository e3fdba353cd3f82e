import type { Finding } from "./finding.ts";

/** A wrong call, not a wrong contract: exit code 2. */
export class UsageError extends Error {}

/** What a command found: it fails when one of its findings is an error. */
export interface Outcome {
  findings: Finding[];
  /** The last line, without a full stop. */
  summary: string;
  /** What `--json` adds to the findings and the summary. */
  details?: object;
  /** Lines before the findings. */
  lines?: string[];
  /** For `--markdown`. */
  markdown?: string;
}

export interface CommandInput {
  root: string;
  positionals: string[];
  flags: ReadonlySet<string>;
  /** The values of the options that were given. */
  options: Record<string, string>;
}

/** `--name VALUE`. */
export interface Option {
  /** What the value is called in `--help`, such as `N`. */
  value: string;
  meaning: string;
  required?: boolean;
}

export interface Command {
  /** One line in the list of commands. */
  summary: string;
  /** What follows the command's name, and what it means. */
  usage: {
    positionals: string[];
    flags: Record<string, string>;
    options?: Record<string, Option>;
    markdown: boolean;
  };
  /** More for `--help`. */
  help: string;
  run(input: CommandInput): Promise<Outcome>;
}
