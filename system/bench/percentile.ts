/** The value that so large a part of all values does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.ceil(part * sorted.length) - 1];
  if (value === undefined) throw new Error("a percentile of nothing");
  return value;
}
