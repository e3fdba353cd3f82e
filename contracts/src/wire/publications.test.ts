import { expect, test } from "vitest";
import { publicationViolations } from "./publications.ts";

const published = (exchange: string, ...routingKeys: string[]) => ({ exchange, routingKeys, messageId: "1" });

test("a message has one key, and goes to the one exchange", () => {
  const [usual, copied] = [published("appointments.ex", "a.b"), published("appointments.ex", "a.b", "clinic.copy")];
  expect(publicationViolations([usual, usual], "appointments.ex")).toEqual([]);
  expect(publicationViolations([usual, copied], "appointments.ex").map(({ reason }) => reason)).toEqual([
    "a.b is published with a copy (CC or BCC) to clinic.copy",
  ]);
  const strays = [published("", "mine"), published("amq.topic", "a.b")];
  expect(publicationViolations(strays, "appointments.ex").map(({ reason }) => reason)).toEqual([
    "a message is published to the default exchange with the key mine",
    "a message is published to amq.topic with the key a.b",
  ]);
});
