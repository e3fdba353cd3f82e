import { expect, test } from "vitest";
import { mutants } from "../mutants.ts";
import { areasInTurn, sampleOrder } from "../mutate.ts";
import {
  calls,
  emissions,
  literals,
  messageProperties,
  numbers,
  type Operator,
  payloadValues,
} from "./code-operators.ts";
import { operatorMutants } from "./operator-mutants.ts";
import { constraints } from "./sql-operators.ts";

const root = new URL("../../../..", import.meta.url).pathname;

function results(operator: Operator, code: string): string[] {
  return operator(code).map(({ start, end, put }) => code.slice(0, start) + put + code.slice(end));
}

test("each value of a payload comes from where another does, from the state before, or from nowhere", () => {
  const decide = (payload: string) => `const decide = (current) => ({ event: { payload: ${payload} } });`;
  expect(results(payloadValues, `const { a } = current; ${decide("{ a }")}`)).toHaveLength(1);
  expect(results(payloadValues, decide("{ a: x, b }"))).toEqual([
    decide("{ a: b, b }"),
    decide("{ a: current.a, b }"),
    decide("{ ...{}, b }"),
    decide("{ a: x, b: x }"),
    decide("{ a: x, b: current.b }"),
    decide("{ a: x, ...{} }"),
  ]);
  expect(payloadValues("f(omitUndefined({ a: x }))").map(({ what }) => what)).toEqual(["a is left out"]);
});

test("an event is dropped, and told although nothing changed", () => {
  expect(results(emissions, "function f() { if (a) return undefined; return { event: e, next }; }")).toEqual([
    "function f() {  return { event: e, next }; }",
    "function f() { if (a) return undefined; return undefined as never; }",
  ]);
});

test("what is written or published is left out, or done twice", () => {
  expect(results(calls("tx"), "await tx`x`;")).toEqual(["{}", "{ await tx`x`; await tx`x`; }"]);
  expect(results(calls("append"), "await all(append(1));")).toEqual([
    "await all((undefined as never));",
    "await all((Promise.all([append(1), append(1)]) as never));",
  ]);
});

test("numbers are one off, and constants are others", () => {
  expect(results(numbers, "const a = b + 1; type T = 3;")).toEqual([
    "const a = b + 2; type T = 3;",
    "const a = b + 0; type T = 3;",
  ]);
  expect(results(literals, 'import "x"; const a = { "k": "v", on: true };')).toEqual([
    'import "x"; const a = { "k": "vx", on: true };',
    'import "x"; const a = { "k": "v", on: false };',
  ]);
  expect(results(messageProperties, "const m = { properties: { persistent: true } };")).toEqual([
    "const m = { properties: { ...{} } };",
    "const m = { properties: { persistent: false } };",
  ]);
});

test("each constraint of a table goes, with what it says", () => {
  const table = "CREATE TABLE t (\n  a text NOT NULL CHECK (f(a) > 1) REFERENCES u,\n  PRIMARY KEY (a)\n);";
  expect(results(constraints, table)).toEqual([
    table.replace("NOT NULL", ""),
    table.replace("PRIMARY KEY (a)", "CHECK (true)"),
    table.replace("REFERENCES u", ""),
    table.replace("CHECK (f(a) > 1)", ""),
  ]);
});

test("there are hundreds, each of them changes what is there, and code stays code", () => {
  const all = operatorMutants(root);
  expect(all.length).toBeGreaterThan(500);
  const names = all.map(({ what }) => what);
  expect(new Set(names).size).toBe(names.length);
  for (
    const area of [
      "values of payloads",
      "emissions",
      "numbers",
      "properties of messages",
      "constraints of tables",
      "generated code",
    ]
  ) {
    expect(all.filter((one) => one.area === area).length, area).toBeGreaterThan(4);
  }
});

test("a seed gives one order of them, whatever the table has", () => {
  const all = operatorMutants(root);
  const order = (seed: number) => sampleOrder(seed, all).slice(0, 20).map(({ what }) => what);
  expect(order(7)).toEqual(order(7));
  expect(order(7)).not.toEqual(order(8));
  const inTurn = areasInTurn(sampleOrder(7, all));
  expect(inTurn).toHaveLength(all.length);
  expect(new Set(inTurn.slice(0, 6).map(({ area }) => area)).size).toBe(6);
  expect(sampleOrder(7)).not.toHaveLength(mutants.length);
});
