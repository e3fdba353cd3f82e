import { Buffer } from "node:buffer";

/** Calls RabbitMQ's management API and returns what it answers; the URL holds the credentials. */
export async function callManagement(
  managementUrl: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const url = new URL(path, managementUrl);
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = url.password = "";
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
      "content-type": "application/json",
    },
    signal: AbortSignal.timeout(30_000),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(
      `${method} ${path} of RabbitMQ answered ${response.status}: ${text}`,
    );
  }
  return text === "" ? undefined : JSON.parse(text);
}
