/** @jsxRuntime automatic @jsxImportSource hono/jsx */
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import json from "highlight.js/lib/languages/json";
import plaintext from "highlight.js/lib/languages/plaintext";
import python from "highlight.js/lib/languages/python";
import typescript from "highlight.js/lib/languages/typescript";
import yaml from "highlight.js/lib/languages/yaml";
import { raw } from "hono/html";

hljs.registerLanguage("bash", bash);
hljs.registerLanguage("json", json);
hljs.registerLanguage("plaintext", plaintext);
hljs.registerLanguage("python", python);
hljs.registerLanguage("typescript", typescript);
hljs.registerLanguage("yaml", yaml);

export function highlight(code: string, language: string): string {
  return hljs.highlight(code, {
    language: hljs.getLanguage(language) ? language : "plaintext",
    ignoreIllegals: true,
  }).value;
}

/** A block of code, coloured when the site is built: no script, no request. */
export function Code(
  { language, label, children }: {
    language: string;
    label: string;
    children: string;
  },
) {
  return (
    <figure class="code">
      <figcaption>{label}</figcaption>
      <pre
        tabindex={0}
        aria-label={label}
      ><code>{raw(highlight(children.trimEnd(), language))}</code></pre>
    </figure>
  );
}

/** A sentence with `code` in it. */
export function inline(text: string) {
  return text.split(/`([^`]+)`/).map((part, index) => index % 2 === 1 ? <code>{part}</code> : part);
}
