/** A formatter takes longer to make than to use, and holds memory: the ones of late are kept. */
const maxKept = 500;
const kept = new Map<string, Intl.DateTimeFormat>();

export function dateFormatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const formatter = kept.get(key) ?? new Intl.DateTimeFormat(locale, options);
  kept.delete(key);
  kept.set(key, formatter);
  if (kept.size > maxKept) kept.delete(kept.keys().next().value as string);
  return formatter;
}
