import { errorText } from "./error-text.ts";
import { printable } from "./printable.ts";

const maxCharacters = 2_000;

/** What an error may say of itself beside its name, message, stack and cause: never what it refused. */
const toldOfErrors = [
  "code",
  "errno",
  "syscall",
  "address",
  "port",
  "severity",
  "constraint_name",
  "table_name",
  "column_name",
  "command",
  "responseCode",
  "status",
];

/** The same fields with every text cut to what a person reads, and errors without the value that they refuse. */
export function bounded(fields: Record<string, unknown>): Record<string, unknown> {
  return boundedValue(fields) as Record<string, unknown>;
}

function boundedValue(value: unknown): unknown {
  if (typeof value === "string") return boundedText(value);
  if (value instanceof Error) return boundedValue(describeError(value));
  if (Array.isArray(value)) return value.map(boundedValue);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, boundedValue(member)]));
}

function describeError(error: Error): object {
  const { name, stack = "", cause } = error;
  const members = error as unknown as Record<string, unknown>;
  const told = toldOfErrors.filter((member) => ["string", "number"].includes(typeof members[member]));
  const message = errorText(error);
  // A stack begins with the message, which may have lines of its own.
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return {
    type: name,
    message,
    ...Object.fromEntries(told.map((member) => [member, members[member]])),
    stack: [`${name}: ${message}`, ...frames].join("\n"),
    ...(error instanceof AggregateError && { errors: error.errors }),
    ...(cause !== undefined && { cause: cause instanceof Error ? cause : errorText(cause) }),
  };
}

function boundedText(text: string): string {
  return text.length <= maxCharacters
    ? printable(text)
    : `${printable(text.slice(0, maxCharacters))}… (${text.length} characters)`;
}
