import { expect, it } from "vitest";
import { gsm7Length, toGsm7 } from "./gsm7.ts";

it.each([
  ["août", "aout"],
  ["aou\u0302t", "aout"],
  ["sáb, 5 dic", "sab, 5 dic"],
  ["à 10\u202f000\u00a0h, UTC−5", "à 10 000 h, UTC-5"],
  ["l’œil — «Ñandú»…", 'l\'oeil - "Ñandu"...'],
  ["Käthe ß é è ü", "Käthe ß é è ü"],
  ["{[€]}", "{[€]}"],
])("writes %j as %j", (text, written) => expect(toGsm7(text)).toBe(written));

it("leaves a text as it is that no GSM 03.38 holds", () => {
  expect(toGsm7("Κλινική: août")).toBe("Κλινική: août");
});

it("counts the places that a text takes", () => {
  expect(gsm7Length("abc")).toBe(3);
  expect(gsm7Length("a€b[c]")).toBe(9);
  expect(gsm7Length("août")).toBeUndefined();
});
