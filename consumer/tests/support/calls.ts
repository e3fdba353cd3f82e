import { jobs } from "../../src/generated/jobs.ts";

/** A way to call a command, read from a line of its usage. */
export interface Call {
  /** The line, such as `consumer dlq show ID [--json]`. */
  synopsis: string;
  /** The word after the command's name, if there is one. */
  action: string | undefined;
  /** A right call, with what is needed and no more. */
  words: string[];
}

interface Placeholder {
  right: string[];
  /** What nobody may write there, and what the answer to it names. */
  wrong?: { words: string[]; why: string[] };
}

const jobNames = Object.keys(jobs);

/** What the capital letters of the usages stand for. A new one has to be taught here. */
const placeholders: Record<string, Placeholder> = {
  ID: { right: ["1"], wrong: { words: ["x"], why: [] } },
  PID: { right: ["1"], wrong: { words: ["x"], why: ["x"] } },
  "ID...": { right: ["1", "2"], wrong: { words: ["1", "x"], why: ["x"] } },
  GROUP: { right: ["--reason", "gap"], wrong: { words: ["--job", "analytic"], why: jobNames } },
  JOB: { right: ["availability"], wrong: { words: ["availabilities"], why: jobNames } },
  TIME: { right: ["2026-03-01T00:00:00Z"], wrong: { words: ["yesterday"], why: ["yesterday", "RFC 3339"] } },
  N: { right: ["5"], wrong: { words: ["0"], why: [] } },
  STATE: { right: ["failed"], wrong: { words: ["lost"], why: ["pending", "sent", "failed", "unknown"] } },
  EVENT: { right: ["appointment.created"], wrong: { words: ["appointment.craeted"], why: ["appointment.created"] } },
  EVENT_ID: { right: ["0190a6a4-5d3c-7cc1-8a5b-1f2e3d4c5b6a"] },
  QUEUE: {
    right: ["apt.notifications.queue"],
    wrong: { words: ["apt.notification.queue"], why: ["apt.notifications.queue", "apt.audit.queue"] },
  },
  APPOINTMENT: {
    right: ["0190a6a4-5d3c-7cc1-8a5b-1f2e3d4c5b6a"],
    wrong: { words: ["house"], why: [] },
  },
  DOCTOR: { right: ["dr-who"] },
  FILE: { right: ["/dev/null"] },
  KEY: { right: ["dr-who"] },
  AGGREGATE: { right: ["dr-who"] },
  TEXT: { right: ["a test"] },
  ADDRESS: { right: ["ada@example.org"], wrong: { words: ["nobody"], why: ["--email"] } },
  NUMBER: { right: ["+4930123456"], wrong: { words: ["030"], why: ["--phone"] } },
  ERASURE: { right: ["0190a6a4-5d3c-7cc1-8a5b-1f2e3d4c5b6a"], wrong: { words: ["x"], why: [] } },
  NAME: { right: ["mia"] },
};

/** `ID...|GROUP|--all` is a choice of ways, `sent|not-sent` of words. */
function alternatives(token: string): string[] {
  return token.split("|");
}

const isOption = (token: string) => token.startsWith("--");

function placeholderOf(token: string): Placeholder {
  const [first = ""] = alternatives(token);
  const known = placeholders[first];
  if (known) return known;
  if (isOption(first)) return { right: [first] };
  if (/^[a-z-]+$/.test(first) && first !== token) {
    return { right: [first], wrong: { words: ["nope"], why: alternatives(token) } };
  }
  throw new Error(`No test knows what ${token} stands for in a usage: teach tests/support/calls.ts`);
}

/** The synopses of a usage: the lines of its first paragraph. */
function synopses(usage: string): string[] {
  return usage.split("\n\n")[0]!.split("\n").map((line) => line.replace(/^Usage:/, "").trim());
}

/** A part of a synopsis: a word, a placeholder, or an option with its value; in brackets it may be left out. */
function partsOf(synopsis: string): { tokens: string[]; optional: boolean }[] {
  const parts = synopsis.match(/\[[^\]]+\]|--[a-z-]+ (?!--)[A-Za-z|-]+|\S+/g) ?? [];
  return parts.map((part) => ({ tokens: part.replace(/^\[|\]$/g, "").split(" "), optional: part.startsWith("[") }));
}

const isFixed = (token: string) => /^[a-z]+(-[a-z]+)*$/.test(token);

function wordsOf(tokens: string[], wrong = false): string[] {
  return tokens.flatMap((token, index) => {
    if (isFixed(token) || (isOption(token) && !token.includes("|"))) return [token];
    const { right, wrong: bad } = placeholderOf(token);
    return wrong && index === tokens.length - 1 ? bad!.words : right;
  });
}

export function callsOf({ usage }: { usage: string }): Call[] {
  return synopses(usage).map((synopsis) => {
    const parts = partsOf(synopsis);
    const [, , second] = parts;
    return {
      synopsis,
      action: second && !second.optional && isFixed(second.tokens[0]!) ? second.tokens[0] : undefined,
      words: parts.filter(({ optional }) => !optional).flatMap(({ tokens }) => wordsOf(tokens)),
    };
  });
}

/** An option that there isn't, each needed part left out, and each part that has wrong values with one of them. */
export function wrongCalls({ synopsis, words }: Call): { words: string[]; why: string[] }[] {
  const parts = partsOf(synopsis);
  const wrong = [{ words: [...words, "--frsh"], why: ["--frsh"] }];
  for (const [index, { tokens, optional }] of parts.entries()) {
    const last = tokens.at(-1)!;
    const fixed = tokens.length === 1 && (isFixed(last) || (isOption(last) && !last.includes("|")));
    const others = parts.filter((part, at) => at !== index && !part.optional).flatMap((part) => wordsOf(part.tokens));
    // Without its action or its mode it would be another call.
    if (!optional && !fixed) wrong.push({ words: others, why: [] });
    const bad = fixed || isOption(last) ? undefined : placeholderOf(last).wrong;
    if (!bad) continue;
    // In its place among the positional ones.
    const before = parts.slice(0, index).filter((part) => !part.optional).flatMap((part) => wordsOf(part.tokens));
    const after = parts.slice(index + 1).filter((part) => !part.optional).flatMap((part) => wordsOf(part.tokens));
    wrong.push({ words: [...before, ...wordsOf(tokens, true), ...after], why: bad.why });
  }
  return wrong;
}
