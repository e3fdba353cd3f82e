import { percentile } from "./percentile.ts";

/** Both absolute figures and their ratio, by what was measured. */
export type Table = Record<string, Record<string, number>>;

/** What one measurement of each found, round by round. */
export type Rounds<Name extends string> = Record<Name, number[]>;

/** Measures one after the other, in each round in another order, so that none always has the warmer machine. */
export async function takeTurns<Name extends string>(
  rounds: number,
  measurements: Record<Name, () => Promise<number>>,
  onRound: (round: number, name: Name) => void = () => {},
): Promise<Rounds<Name>> {
  const names = Object.keys(measurements) as Name[];
  const found = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Rounds<Name>;
  for (let round = 0; round < rounds; round++) {
    for (const name of [...names.slice(round % names.length), ...names.slice(0, round % names.length)]) {
      onRound(round + 1, name);
      found[name].push(await measurements[name]());
    }
  }
  return found;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** Of each round, since both had the same machine then. */
export function medianRatio(own: readonly number[], bare: readonly number[]): number {
  return median(own.map((value, round) => value / bare[round]!));
}

export function rounded(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}
