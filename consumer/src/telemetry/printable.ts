/** Control characters, line separators and what turns the direction of text; line feeds and tabs are for people. */
const obeyed = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/**
 * A text as a terminal may show it: what would move its cursor, change its colours or turn its direction stands there
 * escaped, as in JSON.
 */
export function printable(text: string): string {
  return text.replaceAll(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
