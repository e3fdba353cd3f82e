import { expect, it } from "vitest";
import { readMailboxAddress } from "./mailbox-address.ts";

it("reads an address with its defaults", () => {
  expect(readMailboxAddress("imaps://bounces%40clinic.example:p%3Aw@Mail.Clinic.example")).toEqual({
    host: "mail.clinic.example",
    port: 993,
    secure: true,
    user: "bounces@clinic.example",
    password: "p:w",
    folder: "INBOX",
  });
});

it.each([
  ["imap://a:b@localhost", { port: 143, secure: false }],
  ["imaps://a:b@mail.clinic.example:1993/Bounces%2Fof%20mail", { port: 1993, folder: "Bounces/of mail" }],
  ["imaps://a:b@[2001:db8::1]/INBOX", { host: "2001:db8::1", folder: "INBOX" }],
])("reads %s", (text, part) => expect(readMailboxAddress(text)).toMatchObject(part));

it.each([
  "",
  "nothing",
  "https://a:b@mail.clinic.example",
  "imaps://mail.clinic.example",
  "imaps://a@mail.clinic.example",
  "imaps://a:%ff@mail.clinic.example",
  "imaps://a:b%0D%0ALOGOUT@mail.clinic.example",
])("refuses %j", (text) => expect(readMailboxAddress(text)).toBeUndefined());
