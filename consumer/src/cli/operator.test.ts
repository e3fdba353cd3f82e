import { expect, test } from "vitest";
import { operator, systemUser } from "./operator.ts";

test("who acts is the system's user, and without an entry in its list of users the number", () => {
  const nobody = () => {
    throw new Error("ENOENT: no such file or directory, uv_os_get_passwd");
  };
  expect(systemUser(() => "ada", () => 1000)).toBe("ada");
  expect(systemUser(nobody, () => 54321)).toBe("54321");
  expect(operator()).toMatch(/^operator:.+$/);
});
