/** Instants for a `::text[]::timestamptz[]`: postgres.js (3.4.9) takes an array of dates for a single one. */
export function instants(values: readonly (Date | null | undefined)[]): (string | null)[] {
  return values.map((value) => value?.toISOString() ?? null);
}

/** Truth values for a `::text[]::boolean[]`, for the same reason. */
export function truths(values: readonly boolean[]): string[] {
  return values.map(String);
}
