import { readdirSync, readFileSync } from "node:fs";

/** A template file: header lines, an empty line, then the text. A text message has no headers. */
export interface Template {
  headers: Record<string, string>;
  text: string;
}

export interface TemplateStore {
  /** The languages that templates exist in. */
  languages: string[];
  /** Of the templates, each in every language; those of text messages begin with `sms-`. */
  names: string[];
  layout: string;
  find(language: string, name: string): Template;
}

/** Reads all template files once; throws when a language lacks one that another has. */
export function readTemplates(): TemplateStore {
  const folder = new URL("./", import.meta.url);
  const languages = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  const templates = new Map<string, Template>();
  for (const language of languages) {
    for (const file of readdirSync(new URL(`${language}/`, folder))) {
      const source = readFileSync(new URL(`${language}/${file}`, folder), "utf8");
      templates.set(`${language}/${file.replace(/\.txt$/, "")}`, parse(source));
    }
  }
  const names = new Set([...templates.keys()].map((key) => key.slice(key.indexOf("/") + 1)));
  for (const language of languages) {
    for (const name of names) {
      if (!templates.has(`${language}/${name}`)) throw new Error(`template ${name} is missing in ${language}`);
    }
  }

  return {
    languages,
    names: [...names],
    layout: readFileSync(new URL("layout.html", folder), "utf8"),
    find(language, name) {
      const template = templates.get(`${language}/${name}`);
      if (!template) throw new Error(`there is no template ${name} in ${language}`);
      return template;
    },
  };
}

function parse(source: string): Template {
  const headers: Record<string, string> = {};
  const lines = source.trimEnd().split("\n");
  while (/^[A-Z][a-z]+: /.test(lines[0] ?? "")) {
    const [name = "", ...value] = (lines.shift() ?? "").split(": ");
    headers[name] = value.join(": ");
  }
  return { headers, text: lines.join("\n").trim() };
}
