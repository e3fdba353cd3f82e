import { describe, expect, it } from "vitest";
import { parseMailbox } from "./mailbox.ts";

describe("parseMailbox", () => {
  it.each([
    ["a@clinic.example", "", "a@clinic.example"],
    ["<a@clinic.example>", "", "a@clinic.example"],
    ["a@localhost", "", "a@localhost"],
    ["Clinic <a@clinic.example>", "Clinic", "a@clinic.example"],
    ["Praxis: Berlin <a@clinic.example>", "Praxis: Berlin", "a@clinic.example"],
    ["Praxis; Mitte, Berlin <a@clinic.example>", "Praxis; Mitte, Berlin", "a@clinic.example"],
    ['"Praxis: Berlin" <a@clinic.example>', "Praxis: Berlin", "a@clinic.example"],
    ['"The \\"Clinic\\" <Berlin>" <a@clinic.example>', 'The "Clinic" <Berlin>', "a@clinic.example"],
    ['Dr. "Ada" Lovelace (Berlin) <a@clinic.example>', 'Dr. "Ada" Lovelace (Berlin)', "a@clinic.example"],
    ["Praxis Müller @ Köln <a@clinic.example>", "Praxis Müller @ Köln", "a@clinic.example"],
    ["診療所 🏥 <a@clinic.example>", "診療所 🏥", "a@clinic.example"],
    ["Praxis <a@bücher.example>", "Praxis", "a@xn--bcher-kva.example"],
  ])("reads %s", (text, name, address) => expect(parseMailbox(text)).toEqual({ name, address }));

  it.each([
    "",
    "Clinic",
    "Clinic a@clinic.example",
    "Clinic <>",
    "Clinic <a@clinic.example> more",
    "a@clinic.example, b@clinic.example",
    "A <a@clinic.example>, B <b@clinic.example>",
    "Berlin: a@clinic.example;",
    "Clinic <ä@clinic.example>",
    "Clinic <a b@clinic.example>",
    `Clinic <${"a".repeat(65)}@clinic.example>`,
    `Clinic <a@${"b".repeat(64)}.example>`,
    "Clinic\r\nBcc: x <a@clinic.example>",
    "Clinic <a@clinic..example>",
  ])("refuses %j", (text) => expect(parseMailbox(text)).toBeUndefined());
});
