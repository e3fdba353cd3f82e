import { expect, test } from "vitest";
import { objectNames } from "./multistatus.ts";

const response = (href: string) => `<D:response><D:href>${href}</D:href><D:propstat/></D:response>`;
const multistatus = (...all: string[]) =>
  `<?xml version="1.0"?><D:multistatus xmlns:D="DAV:">${all.map(response).join("\n")}</D:multistatus>`;

test("the names of the objects are those at the ends of their addresses, whatever a server makes of them", () => {
  const body = multistatus(
    "/calendars/dr-lovelace/",
    "/calendars/dr-lovelace/plain.ics",
    "https://calendar.example/dr-lovelace/with%20space.ics",
    "/calendars/dr-lovelace/a&amp;b&#45;&#x63;.ics\n",
    "/calendars/dr-lovelace/note.txt",
  );
  expect(objectNames(body)).toEqual(["plain", "with space", "a&b-c"]);
  expect(objectNames(multistatus("/x/one.ics").replaceAll("D:", ""))).toEqual(["one"]);
});

test("a body that is none has no names", () => {
  for (const body of ["", "not found", "<error xmlns='DAV:'/>"]) expect(objectNames(body)).toEqual([]);
});
