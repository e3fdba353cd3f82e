const maxCharacters = 2_000;
/** So that a stack, which begins with it, still says where it was thrown. */
const maxMessage = 500;

/** The same fields with every text cut to what a person reads: an error can quote all of what it refuses. */
export function bounded(fields: Record<string, unknown>): Record<string, unknown> {
  return boundedValue(fields) as Record<string, unknown>;
}

function boundedValue(value: unknown): unknown {
  if (typeof value === "string") return boundedText(value, maxCharacters);
  if (value instanceof Error) return boundedValue(describeError(value));
  if (Array.isArray(value)) return value.map(boundedValue);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(withShortMessage(value)).map(([name, member]) => [name, boundedValue(member)]),
  );
}

function describeError(error: Error): object {
  const { name, message, stack, cause } = error;
  return { ...error, type: name, message, stack, ...(cause === undefined ? {} : { cause }) };
}

function withShortMessage(value: object): object {
  const { message, stack } = value as { message?: unknown; stack?: unknown };
  if (typeof message !== "string" || typeof stack !== "string") return value;
  const short = boundedText(message, maxMessage);
  return { ...value, message: short, stack: stack.replace(message, () => short) };
}

function boundedText(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max)}… (${text.length} characters)`;
}
