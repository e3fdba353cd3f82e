/** A JavaScript literal of JSON data, indented by two spaces a level; keys are quoted only where they must be. */
export function literal(value, depth = 0) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = "  ".repeat(depth + 1);
  const lines = Array.isArray(value)
    ? value.map((item) => `${inner}${literal(item, depth + 1)},\n`)
    : Object.entries(value).map(([key, item]) => `${inner}${propertyKey(key)}: ${literal(item, depth + 1)},\n`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return lines.length === 0 ? open + close : `${open}\n${lines.join("")}${"  ".repeat(depth)}${close}`;
}

export function propertyKey(key) {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}
