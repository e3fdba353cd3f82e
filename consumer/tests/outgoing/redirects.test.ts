import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createDavRequest } from "../../src/jobs/calendar/dav-request.ts";
import { createSmsGateway } from "../../src/jobs/notifications/sms/sms-gateway.ts";
import { askProducer } from "../../src/patients/ask-producer.ts";
import { readPages } from "../../src/replay/read-pages.ts";
import { findSubjects } from "../../src/timeline/find-subjects.ts";
import type { Sql } from "postgres";
import * as v from "valibot";
import { createAuthority } from "../support/certificates.ts";

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers everything with a redirect to `target`, or, where it is undefined, to another path of its own. */
async function redirecting(status: number, target: string | undefined) {
  const paths: string[] = [];
  const url: string = await listen((request, response) => {
    paths.push(request.url!);
    response.writeHead(status, { location: `${target ?? url}/elsewhere` }).end("moved");
  });
  return { url, paths };
}

const noRows = (() => Promise.resolve([])) as unknown as Sql;
const secret = { key: "key", username: "clinic", password: "secret" };

/** Everything that asks another server with a key or a password; each throws or answers what is not a success. */
const askers: Record<string, (url: string) => Promise<unknown>> = {
  "the reader of the archive": (url) => readPages({ url, key: secret.key }, "archive", v.unknown()).next(),
  "the reader of the outbox": (url) => readPages({ url, key: secret.key }, "outbox", v.unknown()).next(),
  "the search by reference": (url) => findSubjects(noRows, "a reference", { url, key: secret.key }),
  "the export of a patient": (url) =>
    askProducer({ url, key: secret.key }, { email: "a@example.org", phone: undefined }),
  "the calendar": (url) => createDavRequest({ url, ...secret })("PUT", `${url}/clinic/x.ics`, {}, "BEGIN:VCALENDAR"),
  "the gateway of text messages": (url) =>
    createSmsGateway({ url, accountSid: "sid", authToken: "token", from: "+491", timeoutMs: 5_000 })
      .send({ to: "+492", body: "text", send: "1", reference: "1" }),
};

const cases = Object.keys(askers).flatMap((asker) =>
  [301, 302, 303, 307, 308].map((status) => [asker, status] as const)
);

test.each(cases)("%s follows no redirect with %i", async (asker, status) => {
  let visits = 0;
  const other = await listen((_request, response) => {
    visits += 1;
    response.end("{}");
  });
  for (const target of [other, undefined]) {
    const { url, paths } = await redirecting(status, target);
    const outcome = await askers[asker]!(url).catch((error: Error) => error);
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => path.includes("elsewhere"))).toEqual([]);
    expect(visits).toBe(0);
    expect(outcome).not.toMatchObject({ kind: "accepted" });
  }
});

test("who reads the archive is told where the redirect leads", async () => {
  const { url } = await redirecting(307, "https://other.example");
  await expect(askers["the reader of the archive"]!(url)).rejects.toThrow(
    "answered 307, which leads to https://other.example/elsewhere and is not followed",
  );
});

test("the producer is asked over TLS, and trusted by an authority of the clinic's own", async () => {
  const authority = createAuthority();
  const keys: unknown[] = [];
  const server = createTlsServer(authority.issue(), (request, response) => {
    keys.push(request.headers["x-api-key"]);
    response.end(JSON.stringify({ items: [1] }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const first = (ca?: string) => readPages({ url, key: secret.key, ca }, "archive", v.number()).next();
  await expect(first()).rejects.toThrow(/unable to|self.signed|certificate/);
  expect(keys).toEqual([]);
  expect(await first(authority.ca)).toEqual({ done: false, value: 1 });
  expect(keys).toEqual([secret.key]);
});
