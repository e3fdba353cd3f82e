import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Somebody who calls the producer, and what an event has to call them. */
export interface Caller {
  headers(): Record<string, string>;
  actor: string;
}

export interface Callers {
  /** What the producer needs in its environment to know them. */
  settings: Record<string, string>;
  /** The first one's. */
  apiKey: string;
  all: readonly Caller[];
  close(): void;
}

const SCOPES = [
  "appointments:read",
  "appointments:write",
  "appointments:overbook",
  "doctors:write",
  "erase",
  "export",
  "ops",
];
const ISSUER = "https://login.contracts.example/";
const AUDIENCE = "appointments";

/** Two API keys, and two tokens of an issuer of their own: one of a program, one of a person, whose subject is an address. */
export async function createCallers(): Promise<Callers> {
  const keys = ["contracts", "front-desk"].map((name) => ({ name, key: randomBytes(24).toString("base64url") }));
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwks = JSON.stringify({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "1", alg: "ES256" }] });
  const server = createServer((_, response) => response.setHeader("content-type", "application/json").end(jwks));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  /** For an hour, also by a clock that is years ahead: the producer's is set on to the visits. */
  function token(subject: string): string {
    const claims = { iss: ISSUER, aud: AUDIENCE, sub: subject, scope: SCOPES.join(" "), exp: 32_503_680_000 };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const text = `${part({ alg: "ES256", kid: "1" })}.${part(claims)}`;
    const signature = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
    return `${text}.${signature.toString("base64url")}`;
  }

  const withToken = (subject: string, actor: string): Caller => {
    const authorization = `Bearer ${token(subject)}`;
    return { actor, headers: () => ({ authorization }) };
  };
  const person = "grace@clinic.example";
  const digest = createHash("sha256").update(person).digest("hex").slice(0, 32);
  return {
    settings: {
      API_KEYS: JSON.stringify(
        keys.map(({ name, key }) => ({ name, sha256: createHash("sha256").update(key).digest("hex"), scopes: SCOPES })),
      ),
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
      JWT_JWKS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    },
    apiKey: keys[0]?.key ?? "",
    all: [
      ...keys.map(({ name, key }) => ({ actor: name, headers: () => ({ "x-api-key": key }) })),
      withToken("service-7", "token:service-7"),
      withToken(person, `token:sha256:${digest}`),
    ],
    close: () => void server.close(),
  };
}
