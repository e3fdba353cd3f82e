import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDeliveryReport } from "./delivery-report.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** As Exim 4.96 writes it, the names aside. */
const failed = `Return-path: <>
From: Mail Delivery System <Mailer-Daemon@mx.clinic.example>
To: appointments@clinic.example
Content-Type: multipart/report; report-type=delivery-status; boundary=1795830054-eximdsn-1501069996
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender

--1795830054-eximdsn-1501069996
Content-type: text/plain; charset=us-ascii

  nobody@example.org
    Unrouteable address

--1795830054-eximdsn-1501069996
Content-type: message/delivery-status

Reporting-MTA: dns; mx.clinic.example
Original-Envelope-ID: 7.6b5b3d1e-0000-4000-8000-000000000001

Original-Recipient: rfc822;nobody@example.org
Action: failed
Final-Recipient: rfc822;nobody@example.org
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <nobody@example.org>: Recipient address rejected

--1795830054-eximdsn-1501069996
Content-type: text/rfc822-headers

Message-ID: <0123456789abcdef0123456789abcdef@clinic.example>
Subject: Your appointment

--1795830054-eximdsn-1501069996--
`;

/** With another group of fields for the recipients, or another header. */
const withRecipients = (fields: string) => failed.replace(/Original-Recipient:[^]*?\n(?=\n)/, fields);
const read = (text: string) => readDeliveryReport(encode(text));
const recipientsOf = async (fields: string) => (await read(withRecipients(fields)))?.recipients;
const nobody = ["nobody@example.org"];

describe("readDeliveryReport", () => {
  it("reads which mail failed for whom, and nothing of what the server wrote beside it", async () => {
    expect(await read(failed)).toEqual({
      envelopeId: "7.6b5b3d1e-0000-4000-8000-000000000001",
      messageId: "0123456789abcdef0123456789abcdef@clinic.example",
      recipients: [{ addresses: nobody, action: "failed", status: "5.1.1" }],
    });
  });

  it.each(["failed", "delayed", "delivered", "relayed", "expanded"])("reads the action %s", async (action) => {
    const fields =
      `Final-Recipient: rfc822; nobody@example.org\nAction: ${action.toUpperCase()} (really)\nStatus: 4.0.0\n`;
    expect(await recipientsOf(fields)).toEqual([{ addresses: nobody, action, status: "4.0.0" }]);
  });

  it.each([
    ["folded fields", "Final-Recipient:\n rfc822;\n\tnobody@example.org\nAction:\n failed\nStatus:\n 5.1.1 (who?)\n"],
    ["lines that end with CR LF", "Final-Recipient: rfc822;nobody@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"],
    ["angle brackets", "Final-Recipient: rfc822;<Nobody@Example.org>\nAction: failed\nStatus: 5.1.1\n"],
    [
      "a field that comes twice",
      "Final-Recipient: rfc822;nobody@example.org\nAction: failed\nAction: delivered\nStatus: 5.1.1\n",
    ],
    [
      "what is no field",
      "garbage\n: more\nFinal-Recipient: rfc822;nobody@example.org\nAction: failed\nStatus: 5.1.1\n",
    ],
  ])("reads %s", async (_, fields) => {
    expect(await recipientsOf(fields)).toEqual([{ addresses: nobody, action: "failed", status: "5.1.1" }]);
  });

  it("knows the recipient by both addresses, also where the first one's signs are those of ORCPT", async () => {
    const fields = "Original-Recipient: rfc822;ada+2Blab@example.org\nFinal-Recipient: rfc822;ada@home.example\n";
    expect(await recipientsOf(`${fields}Action: failed\nStatus: none\n`)).toEqual([{
      addresses: ["ada+2blab@example.org", "ada+lab@example.org", "ada@home.example"],
      action: "failed",
      status: undefined,
    }]);
  });

  it("reads several recipients, and leaves out those that it can't read", async () => {
    const one = (address: string, action: string) => `Final-Recipient: ${address}\nAction: ${action}\nStatus: 5.1.1\n`;
    const fields = [
      one("rfc822;a@example.org", "failed"),
      one("x400;/c=us", "failed"),
      one("rfc822;b@example.org", "eaten"),
      one("rfc822;b", "failed"),
      one("rfc822;c@example.org", "delivered"),
    ];
    expect((await recipientsOf(fields.join("\n")))?.map(({ addresses, action }) => [addresses[0], action])).toEqual([
      ["a@example.org", "failed"],
      ["c@example.org", "delivered"],
    ]);
  });

  it.each([
    ["text/rfc822-headers", "message/rfc822"],
    ["text/rfc822-headers", "message/global-headers"],
    ["message/delivery-status", "message/global-delivery-status"],
    ["message/delivery-status", "MESSAGE/DELIVERY-STATUS; charset=x-nonsense"],
  ])("reads %s as %s, too", async (type, other) => {
    expect(await read(failed.replace(type, other))).toEqual(await read(failed));
  });

  it("reads a status that is encoded", async () => {
    const [, fields = ""] = /delivery-status\n\n(Reporting[^]*?)\n--1795/.exec(failed) ?? [];
    const encoded = failed.replace(`\n\n${fields}`, `\nContent-Transfer-Encoding: base64\n\n${btoa(fields)}\n`);
    expect(await read(encoded)).toEqual(await read(failed));
  });

  it("of a mail that was cut off it reads what is there", async () => {
    expect(await read(failed.slice(0, failed.indexOf("Diagnostic-Code")))).toMatchObject({
      messageId: undefined,
      recipients: [{ addresses: nobody, action: "failed", status: "5.1.1" }],
    });
  });

  it.each([
    ["a mail of a person", "From: ada@example.org\nSubject: Thank you\n\nI will be there.\n"],
    ["a mail that quotes one", failed.replace("multipart/report", "multipart/mixed")],
    ["one that was forwarded", `Content-Type: message/rfc822\n\n${failed}`],
    ["a report of another kind", failed.replace("message/delivery-status", "message/disposition-notification")],
    ["a report without recipients", withRecipients("X: y\n")],
    ["nothing", ""],
  ])("is none: %s", async (_, text) => expect(await read(text)).toBeUndefined());

  it("gives up on parts within parts", async () => {
    const nest = (depth: number): string =>
      depth === 0
        ? "Content-Type: message/delivery-status\n\nX: y\n"
        : `Content-Type: multipart/report; boundary=b${depth}\n\n--b${depth}\n${nest(depth - 1)}\n--b${depth}--\n`;
    expect(await read(nest(200))).toBeUndefined();
  });
});

/** What may be done to a mail on its way, or by whoever made it. */
const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.integer({ min: 0, max: 400 }),
    put: fc.oneof(
      fc.string({ unit: "binary", maxLength: 60 }),
      fc.constantFrom("\n", "\r\n\r\n", "\n ", "\0", "\n--1795830054-eximdsn-1501069996\n", failed),
      fc.constantFrom("Action: failed\n", "Final-Recipient: rfc822;x@y.example\n", `${"=?x?b?/".repeat(2_000)}\n`),
    ),
  }),
  { maxLength: 6 },
);

function edited(changes: readonly { at: number; cut: number; put: string }[]): string {
  return changes.reduce((text, { at, cut, put }) => {
    const from = Math.floor(at * text.length);
    return text.slice(0, from) + put + text.slice(from + cut);
  }, failed);
}

/** What is compared with the ledger, and written into it, can be nothing else. */
async function expectSound(source: Uint8Array): Promise<void> {
  const report = await readDeliveryReport(source);
  for (const { addresses, status } of report?.recipients ?? []) {
    expect(addresses.length).toBeGreaterThan(0);
    for (const address of addresses) expect(address).toMatch(/^[^\s\p{Cc}]{3,320}$/u);
    if (status !== undefined) expect(status).toMatch(/^[245]\.\d{1,3}\.\d{1,3}$/);
  }
}

it("whatever is in a mail, it is read or it isn't, and nothing is thrown", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), expectSound), { numRuns: 300 });
  await fc.assert(fc.asyncProperty(edits, (changes) => expectSound(encode(edited(changes)))), { numRuns: 700 });
}, 60_000);

it("a large mail of nothing but what is hard to read is read in a moment", async () => {
  const hard = [
    "\n",
    "\n \t",
    "(",
    "<",
    "=?utf-8?q?",
    "Action: failed\n\n",
    "a:",
    "\r",
    ";",
    '"',
    "+41",
    "a@b,",
    "<a><b ",
  ];
  const places = ["Reporting-MTA:", "Subject: Mail", "    Unrouteable"];
  for (const piece of hard) {
    for (const place of places) {
      const text = failed.replace(place, `X-Long: ${piece.repeat(Math.floor(100_000 / piece.length))}\n${place}`);
      const before = performance.now();
      await expectSound(encode(text));
      expect(performance.now() - before, `${piece} before ${place}`).toBeLessThan(5_000);
    }
  }
}, 120_000);
