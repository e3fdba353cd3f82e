import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./local-files.ts";

/** The program itself: the launcher that npm puts before it would not pass signals on. */
export function denoBinary(): string {
  const packages = join(root, "node_modules/@deno");
  return join(packages, readdirSync(packages)[0]!, "deno");
}

/**
 * What `deno task start` runs in the service's folder: the permissions that its deno.json states, and no others but to
 * read the certificates that the environment names, which a container has in /run/secrets.
 */
export function denoStartCommand(service: "producer" | "consumer", env: Record<string, string>): string[] {
  const { tasks } = JSON.parse(readFileSync(join(root, service, "deno.json"), "utf8"));
  const command = /(?:^|&& )deno (run .*)$/.exec(tasks.start)?.[1];
  if (!command) throw new Error(`the task start of ${service}/deno.json does not end in deno run`);
  const variables: Record<string, string> = {
    ...env,
    ALLOW_NET: networkOf(env).join(","),
    CHECKPOINTS: env.AUDIT_CHECKPOINT_DIR || "/var/lib/audit",
  };
  const certificates = Object.entries(env).filter(([name]) => name.endsWith("_FILE")).map(([, file]) => file);
  const words = command.replace("/run/secrets", ["/run/secrets", ...certificates].join(",")).split(" ");
  return [denoBinary(), ...words.map((word) => word.replace(/"?\$(\w+)"?/g, (_, name) => variables[name] ?? ""))];
}

/** What a service listens on and what it calls, as its environment says: host:port of each. */
export function networkOf(env: Record<string, string>): string[] {
  const listens = ["", "OPS_", "PROBE_"].map((of) => `${env[`${of}HOST`] ?? "127.0.0.1"}:${env[`${of}PORT`]}`);
  const calls = Object.values(env).flatMap((value) => value.split(","))
    .filter((value) => /^[a-z]+:\/\//.test(value))
    .map((value) => new URL(value))
    .map(({ protocol, hostname, port }) => `${hostname}:${port || defaultPorts[protocol]}`);
  return [...new Set([...listens.filter((address) => !address.endsWith(":undefined")), ...calls])];
}

const defaultPorts: Record<string, string> = {
  "http:": "80",
  "https:": "443",
  "amqp:": "5672",
  "amqps:": "5671",
  "postgres:": "5432",
  "smtp:": "587",
  "smtps:": "465",
  "imap:": "143",
  "imaps:": "993",
};
