import { expect, test } from "vitest";
import { printable } from "./printable.ts";

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, n) => first + n);

test("no character that a terminal obeys is left", () => {
  const obeyed = [...from(0x00, 0x08), ...from(0x0b, 0x1f), ...from(0x7f, 0x9f), ...from(0x2028, 0x202e)];
  for (const code of [...obeyed, 0x061c, 0x200e, 0x200f, ...from(0x2066, 0x2069)]) {
    expect(printable(String.fromCharCode(code))).toBe(`\\u${code.toString(16).padStart(4, "0")}`);
  }
  expect(printable("\u001b[31mred\u0007")).toBe("\\u001b[31mred\\u0007");
});

test.each(["Zoë Müller\n\tDr. 李", "عمر", "50 % ✓ 👩‍⚕️", ""])("%s stays as it is", (text) => {
  expect(printable(text)).toBe(text);
});
