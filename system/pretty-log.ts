const own = new Set(["time", "level", "service", "msg", "pid", "hostname"]);

/** A service's line of JSON as a line for people: who, when, what, and the rest as name=value. */
export function prettyLog(name: string, line: string): string {
  const entry = parse(line);
  if (!entry) return `[${name}] ${line}`;
  const time = String(entry.time).slice(11, 23);
  const level = String(entry.level).toUpperCase().padEnd(5);
  const rest = Object.entries(entry).filter(([key]) => !own.has(key)).map(([key, value]) => `${key}=${text(value)}`);
  return [`[${name}]`, time, level, entry.msg, ...rest].join(" ");
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const entry = JSON.parse(line);
    return typeof entry === "object" && entry !== null && "msg" in entry ? entry : undefined;
  } catch {
    return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
