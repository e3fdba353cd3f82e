import { expect, test } from "vitest";
import { brokerCredentials, hasReadableCredentials } from "./broker-credentials.ts";

const address = (user: string, password: string) =>
  `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@127.0.0.1:5672/vhost`;

test.each(["secret", "Größe", "пароль", "密码", "a b", "p@ss:w/rd?#%", "+", "\u{1F511}"])(
  "the password %s reaches the broker as it is",
  (password) => {
    const { response } = brokerCredentials(address("ärzte", password));
    expect(response().toString("utf8")).toBe(`\0ärzte\0${password}`);
  },
);

test("an address without credentials is the guest's, and Latin-1 is told as unreadable", () => {
  expect(brokerCredentials("amqp://127.0.0.1").response().toString()).toBe("\0guest\0guest");
  expect(hasReadableCredentials("amqp://user:gr%F6%DFe@127.0.0.1")).toBe(false);
});
