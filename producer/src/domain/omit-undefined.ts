type Defined<T> =
  & { [K in keyof T as undefined extends T[K] ? never : K]: T[K] }
  & {
    [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
  };

/** Drops the keys without a value: an event or an answer has no null and no undefined. */
export function omitUndefined<T extends object>(value: T): Defined<T> {
  const defined: Record<string, unknown> = {};
  for (const name in value) if (value[name] !== undefined) defined[name] = value[name];
  return defined as Defined<T>;
}
