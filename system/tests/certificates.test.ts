import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { root } from "../local-files.ts";
import { services } from "./support/deploy-files.ts";
import { environmentOf, ofKind, overlays, render } from "./support/kubernetes.ts";

const folders: string[] = [];
let folder: string;
beforeEach(() => void folders.push(folder = mkdtempSync(join(tmpdir(), "certificates-"))));
afterAll(() => folders.forEach((each) => rmSync(each, { recursive: true })));

const make = (...servers: string[]) =>
  execFileSync("sh", [join(root, "deploy/tls/make-certificates.sh"), folder, ...servers], { encoding: "utf8" });
const read = (path: string) => new X509Certificate(readFileSync(join(folder, path)));

test("each server has a certificate for its hosts that the authority vouches for, and a key that nobody else reads", () => {
  make("postgres", "producer::producer,localhost,127.0.0.1");
  const authority = read("authority/ca.pem");
  expect(authority.ca).toBe(true);
  for (const [name, hosts] of [["postgres", ["postgres", "localhost"]], ["producer", ["producer"]]] as const) {
    const certificate = read(`${name}/server.pem`);
    expect(certificate.verify(authority.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    for (const host of hosts) expect(certificate.checkHost(host)).toBe(host);
    expect(certificate.checkHost("another")).toBeUndefined();
    expect(read(`${name}/ca.pem`).fingerprint256).toBe(authority.fingerprint256);
    expect(statSync(join(folder, name, "server-key.pem")).mode & 0o777).toBe(0o600);
    expect(Date.parse(certificate.validTo) - Date.now()).toBeGreaterThan(390 * 86_400_000);
  }
  expect(read("producer/server.pem").checkIP("127.0.0.1")).toBe("127.0.0.1");
  expect(statSync(join(folder, "authority/ca-key.pem")).mode & 0o777).toBe(0o600);
});

test("what is there stays, but for a certificate for other hosts, and one that no authority of ours vouches for", () => {
  make("postgres", "producer");
  const before = read("producer/server.pem").fingerprint256;
  expect(make("postgres", "producer")).toBe("");
  expect(read("producer/server.pem").fingerprint256).toBe(before);
  expect(make("postgres", "producer::producer,api.example.org")).toBe(
    "producer: a certificate for producer,api.example.org\n",
  );
  expect(read("producer/server.pem").checkHost("api.example.org")).toBe("api.example.org");
  rmSync(join(folder, "authority"), { recursive: true });
  expect(make("postgres").trim()).toBe("postgres: a certificate for postgres,localhost");
  expect(read("postgres/server.pem").verify(read("authority/ca.pem").publicKey)).toBe(true);
});

test.each(["docker-compose.yml", "docker-compose.deno.yml"])(
  "in %s every server that shows one has a certificate for its name",
  (file) => {
    const all = services("docker-compose.yml");
    const { command } = services(file)["certificates"] as unknown as { command: string[] };
    make(...command.map((server) => server.replace(/:\d+/, ":")));
    const servers = [...Object.entries(all), ...Object.entries(services("docker-compose.ha.yml"))];
    const mounted = servers.flatMap(([name, { volumes = [] }]) =>
      volumes.filter((volume) => volume.endsWith(":/run/secrets/tls:ro"))
        .map((volume) => [name, volume.split(":")[0]!.replace("tls-", "")] as const)
    );
    expect(mounted.length).toBeGreaterThan(9);
    for (const [name, owner] of mounted) expect(read(`${owner}/server.pem`).checkHost(name), name).toBe(name);
    // The authority's key is where no server reads it.
    for (const [name, { volumes = [] }] of Object.entries(all)) {
      if (name !== "certificates") expect(volumes.filter((volume) => volume.startsWith("tls-authority"))).toEqual([]);
    }
  },
);

test("by default no address of compose is without TLS, but for traces", () => {
  for (const file of ["docker-compose.yml", "docker-compose.ha.yml"]) {
    for (const name of ["producer", "consumer"]) {
      const environment = services(file)[name]!.environment!;
      const addresses = Object.entries(environment).filter(([variable, value]) =>
        /:\/\//.test(value) && variable !== "OTEL_EXPORTER_OTLP_ENDPOINT"
      );
      expect(addresses.length).toBeGreaterThan(1);
      for (const [variable, value] of addresses) {
        // STARTTLS is demanded of a mail server on another machine.
        const secure = variable === "SMTP_URL" ? /smtps?:/ : /https:|amqps:|sslmode=verify-full/;
        expect(value, `${file} ${name} ${variable}`).toMatch(secure);
        expect(value, `${file} ${name} ${variable}`).not.toMatch(/amqp:|http:/);
      }
      if (environment["PLAINTEXT_HOSTS"]) expect(environment["PLAINTEXT_HOSTS"]).toBe("${PLAINTEXT_HOSTS:-jaeger}");
    }
  }
});

test.each(overlays)("by default no address of %s is without TLS, and both services speak HTTPS", (path) => {
  const objects = render(path);
  const workloads = ofKind(objects, "Deployment");
  expect(workloads.length).toBeGreaterThan(1);
  for (const one of workloads) {
    const environment = environmentOf(one, objects);
    const addresses = Object.entries(environment).filter(([, value]) => value.includes("://"));
    for (const [variable, value] of addresses) {
      expect(value, `${one.metadata.name} ${variable}`).toMatch(/^(https|amqps|smtps):|sslmode=verify-full$/);
    }
    expect(environment.PLAINTEXT_HOSTS).toBeFalsy();
    expect(environment.TLS_CERT_FILE).toBe("/run/secrets/tls/tls.crt");
    const { containers: [container], volumes } = one.spec.template.spec;
    expect(container.volumeMounts).toContainEqual({ name: "tls", mountPath: "/run/secrets/tls", readOnly: true });
    expect(JSON.stringify(volumes)).toContain(`{"secretName":"${one.metadata.labels!["app.kubernetes.io/name"]}-tls"`);
  }
});
