/**
 * GSM 03.38: a text message of these characters alone holds 160 of them, those of the extension counting twice; with
 * any other character it holds 70.
 */
const basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const extension = "\f^{}\\[~]|€";
const known = new Set(basic + extension);

/** What typography writes in place of these; dates and zone names are full of them. */
const plain: Record<string, string> = {
  "‘": "'",
  "’": "'",
  "‚": ",",
  "“": '"',
  "”": '"',
  "„": '"',
  "«": '"',
  "»": '"',
  "‐": "-",
  "‑": "-",
  "–": "-",
  "—": "-",
  "−": "-",
  "…": "...",
  "œ": "oe",
  "Œ": "OE",
};

/** How many of the 160 places a text takes; undefined where a character of it is outside of GSM 03.38. */
export function gsm7Length(text: string): number | undefined {
  let length = 0;
  for (const character of text) {
    if (!known.has(character)) return undefined;
    length += extension.includes(character) ? 2 : 1;
  }
  return length;
}

/**
 * Writes août as aout and sáb as sab, as telephones always have. A text with a character that has no such form, of a
 * clinic's name in Greek letters for one, stays as it is.
 */
export function toGsm7(text: string): string {
  const written = Array.from(text.normalize("NFC"), (character) => {
    if (known.has(character)) return character;
    if (/\p{Zs}/u.test(character)) return " ";
    const bare = plain[character] ?? character.normalize("NFKD").replace(/\p{M}/gu, "");
    return bare !== "" && gsm7Length(bare) !== undefined ? bare : character;
  }).join("");
  return gsm7Length(written) === undefined ? text : written;
}
