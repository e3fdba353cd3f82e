import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface PublishedPact {
  consumer: string;
  provider: string;
  version: string;
  branch: string | undefined;
  sha: string;
}

interface Result {
  provider: string;
  providerVersion: string;
  consumer: string;
  sha: string;
  success: boolean;
}

export interface BrokerStandIn {
  url: string;
  pacts: PublishedPact[];
  close(): Promise<void>;
}

/**
 * The part of a Pact Broker that its command line needs for publishing, recording and asking. It keeps pacts by their
 * content and works out the matrix from what it was told. `base` is the path below which it is, such as `/pacts`.
 */
export async function startBrokerStandIn(base = ""): Promise<BrokerStandIn> {
  const pacts: PublishedPact[] = [];
  const results: Result[] = [];
  const deployed = new Map<string, string>();

  function matrix(pacticipant: string, version: string) {
    const own = pacts.filter((pact) => pact.consumer === pacticipant && pact.version === version);
    const theirs = pacts.filter((pact) =>
      pact.provider === pacticipant && deployed.get(pact.consumer) === pact.version
    );
    const rows = [
      ...own.map((pact) => ({ pact, providerVersion: deployed.get(pact.provider) })),
      ...theirs.map((pact) => ({ pact, providerVersion: version })),
    ];
    const judged = rows.map(({ pact, providerVersion }) => ({
      consumer: { name: pact.consumer, version: { number: pact.version } },
      provider: { name: pact.provider, version: providerVersion ? { number: providerVersion } : null },
      verificationResult: resultOf(pact, providerVersion),
    }));
    const failed = judged.filter((row) => row.verificationResult?.success === false).length;
    const unknown = judged.filter((row) => row.verificationResult === null).length;
    const deployable = failed + unknown === 0;
    const reason = deployable
      ? "All required verification results are published and successful"
      : failed > 0
      ? `The verification for ${failed} of ${judged.length} pacts failed`
      : `There is no verified pact for ${unknown} of ${judged.length}`;
    return {
      summary: { deployable, reason, success: judged.length - failed - unknown, failed, unknown },
      notices: [{ type: deployable ? "success" : "danger", text: reason }],
      matrix: judged,
    };
  }

  function resultOf(pact: PublishedPact, providerVersion: string | undefined) {
    const found = results.find((one) =>
      one.provider === pact.provider && one.providerVersion === providerVersion && one.consumer === pact.consumer &&
      one.sha === pact.sha
    );
    return found
      ? { success: found.success, _links: { self: { href: `${url}/results/${results.indexOf(found)}` } } }
      : null;
  }

  function answer(method: string, path: string, query: URLSearchParams, body: unknown): [number, unknown] {
    const parts = path.split("/").slice(1).map(decodeURIComponent);
    if (method === "GET" && path === "/") {
      return [200, { _links: { "pb:publish-contracts": { href: `${url}/contracts/publish` } } }];
    }
    if (method === "POST" && path === "/contracts/publish") return [200, publish(body as Publication)];
    if (method === "GET" && path === "/matrix") {
      return [200, matrix(query.get("q[][pacticipant]") ?? "", query.get("q[][version]") ?? "")];
    }
    if (method === "GET" && path === "/environments") {
      const environment = { uuid: "1", name: "production", _links: { self: { href: `${url}/environments/1` } } };
      return [200, { _embedded: { environments: [environment] } }];
    }
    if (parts[0] === "pacticipants" && parts[2] === "versions") return version(method, path, parts);
    if (parts[0] === "pacts") return pactOrResult(method, path, parts, body);
    return [404, {}];
  }

  function version(method: string, path: string, [, name = "", , number = "", action]: string[]): [number, unknown] {
    if (method === "POST" && action === "deployed-versions") {
      deployed.set(name, number);
      return [201, {}];
    }
    const link = { name: "production", href: `${url}${path}/deployed-versions/environment/1` };
    return [200, { number, _links: { "pb:record-deployment": [link] } }];
  }

  function pactOrResult(method: string, path: string, parts: string[], body: unknown): [number, unknown] {
    const [, , provider = "", , consumer = "", , number] = parts;
    const pact = pacts.find((one) => one.consumer === consumer && one.provider === provider && one.version === number);
    if (!pact) return [404, {}];
    if (method === "GET") {
      return [200, { _links: { "pb:publish-verification-results": { href: `${url}${path}/verification-results` } } }];
    }
    const { success, providerApplicationVersion } = body as { success: boolean; providerApplicationVersion: string };
    results.push({ provider, providerVersion: providerApplicationVersion, consumer, sha: pact.sha, success });
    return [201, {}];
  }

  function publish({ pacticipantVersionNumber, branch, contracts }: Publication) {
    for (const { consumerName, providerName, content } of contracts) {
      const sha = createHash("sha256").update(Buffer.from(content, "base64")).digest("hex");
      pacts.push({ consumer: consumerName, provider: providerName, version: pacticipantVersionNumber, branch, sha });
    }
    return { notices: [{ type: "success", text: "published" }], _links: { "pb:contracts": [] } };
  }

  const server = createServer(async (incoming, outgoing) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://127.0.0.1");
    const path = pathname.startsWith(base) ? pathname.slice(base.length) || "/" : "/outside-of-base";
    const [status, body] = answer(incoming.method ?? "GET", path, searchParams, await readJson(incoming));
    outgoing.writeHead(status, { "content-type": "application/hal+json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${base}`;
  return { url, pacts, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

interface Publication {
  pacticipantVersionNumber: string;
  branch?: string;
  contracts: { consumerName: string; providerName: string; content: string }[];
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString());
}
