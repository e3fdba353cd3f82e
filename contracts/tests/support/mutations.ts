import { isObject, type Json, type Path } from "../../src/json.ts";

export interface Mutation {
  name: string;
  value: Json;
}

const STRINGS = [
  "",
  "x",
  "a".repeat(63),
  "a".repeat(64),
  "a".repeat(65),
  "a".repeat(128),
  "a".repeat(129),
  "a".repeat(200),
  "a".repeat(255),
  "😀".repeat(64),
  "😀".repeat(65),
  "😀".repeat(200),
  "😀".repeat(201),
  "with space",
  "-leading",
  "dr.x_~-9",
  "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b12",
  "2026-02-29T10:00:00Z",
  "2028-02-29T10:00:00Z",
  "2026-12-01T10:00:00",
  "2026-12-24",
  "2026-02-30",
  "ada@example.org",
  `${"a".repeat(243)}@example.org`,
  "ada@example",
  "+4930123456",
  "+0301234",
  "+1234567890123456",
  "de-AT",
  "DE",
  "24:00",
  "23:59",
  "patient",
  "feeling-better",
  "appointment.created",
];
const NUMBERS = [-1, 0, 1, 2, 4, 5, 7, 8, 480, 481, 1.5, 7.5, 2147483647, 2147483648, 1e300];
const OTHERS: Json[] = [null, true, false, [], {}, ["x"], { x: 1 }];

/** Every message that differs from this one in one place: a field gone, added, or with another value. */
export function* mutations(message: Json): Generator<Mutation> {
  for (const path of places(message, [])) {
    const at = path.join(".") || "the message";
    if (path.length > 0) yield { name: `without ${at}`, value: edit(message, path, () => undefined) };
    for (const value of [...STRINGS, ...NUMBERS, ...OTHERS]) {
      yield { name: `${at} = ${JSON.stringify(value)}`, value: edit(message, path, () => value) };
    }
    yield {
      name: `${at} with another field`,
      value: edit(message, path, (old) => isObject(old) ? { ...old, extra: 1 } : old),
    };
    yield {
      name: `${at} as its own list`,
      value: edit(message, path, (old) => Array.isArray(old) ? repeat(old, 1001) : [old]),
    };
  }
}

function* places(value: Json, path: Path): Generator<Path> {
  yield path;
  const children = Array.isArray(value) || isObject(value) ? Object.entries(value) : [];
  for (const [key, child] of children) yield* places(child, [...path, key]);
}

function edit(value: Json, path: Path, change: (old: Json) => Json | undefined): Json {
  const copy = structuredClone({ root: value });
  // deno-lint-ignore no-explicit-any -- any place of any message
  const parent = ["root", ...path].slice(0, -1).reduce<any>((current, key) => current[key], copy);
  const key = path.at(-1) ?? "root";
  const changed = change(parent[key]);
  if (changed === undefined) delete parent[key];
  else parent[key] = changed;
  return copy.root;
}

function repeat(items: Json[], times: number): Json[] {
  return Array.from({ length: times }, () => items[0] ?? null);
}
