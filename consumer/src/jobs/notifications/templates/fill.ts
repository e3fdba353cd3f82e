export type Values = Record<string, string>;

/** Replaces each {{name}}; throws for one without a value. */
export function fill(template: string, values: Values): string {
  return template.replace(/\{\{ ?(\w+) ?\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the template wants {{${name}}}, which has no value here`);
    return value;
  });
}

/** Plain text: quoted lines are indented. */
export function toText(template: string, values: Values): string {
  return `${fill(template.replace(/^> /gm, "  "), values)}\n`;
}

/** HTML: a paragraph is a <p>, quoted lines are one <blockquote>; values are escaped. */
export function toHtml(template: string, values: Values): string {
  const escaped = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, escapeHtml(value)]));
  const body = template.split("\n\n").map((paragraph) => {
    const quoted = paragraph.startsWith("> ");
    const tag = quoted ? "blockquote" : "p";
    const lines = paragraph.split("\n").map((line) => escapeHtml(quoted ? line.slice(2) : line));
    return `      <${tag}>${lines.join("<br>")}</${tag}>`;
  }).join("\n");
  return fill(body, escaped);
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
