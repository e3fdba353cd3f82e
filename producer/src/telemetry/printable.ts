/** Control characters, line separators and what turns the direction of text; line feeds and tabs are for people. */
const obeyed = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** Nearly every text, told apart quickly. */
const plain = /^[\x20-\x7e]*$/;

/**
 * A text as a terminal may show it: what would move its cursor, change its colours or turn its direction stands there
 * escaped, as in JSON.
 */
export function printable(text: string): string {
  if (plain.test(text)) return text;
  return text.replaceAll(obeyed, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
