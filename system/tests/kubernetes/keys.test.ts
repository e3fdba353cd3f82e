import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { root } from "../../local-files.ts";
import { freePort } from "../../stack/free-port.ts";
import { startPostgres } from "../../stack/postgres.ts";
import { createReleases } from "../../stack/releases.ts";
import { find, type Manifest, ofKind, overlays, render, selects } from "../support/kubernetes.ts";

const keys = render("keys");
const cluster = find(keys, "Cluster", "patient-keys");
const clusterLabels = { "cnpg.io/cluster": "patient-keys" };
const releases = createReleases(console.error);
afterAll(releases.run);

test("patients' keys are in a cluster of their own, as safe as the others, that no overlay has unasked", () => {
  for (const path of overlays) {
    const others = ofKind(render(path), "Cluster");
    expect(others.map(({ metadata }) => metadata.name)).not.toContain("patient-keys");
    for (const { spec } of others) {
      expect(cluster.spec.instances).toBe(spec.instances);
      expect(cluster.spec.imageName).toBe(spec.imageName);
      expect(cluster.spec.postgresql.synchronous).toEqual(spec.postgresql.synchronous);
      expect(cluster.spec.affinity).toEqual(spec.affinity);
    }
  }
});

test("no backup of messages has keys in it, and who may read the one may not read the other", () => {
  const storeOf = (objects: Manifest[], { spec }: Manifest) =>
    find(objects, "ObjectStore", spec.plugins[0].parameters.barmanObjectName).spec;
  const bucket = (store: Manifest) => new URL(store["configuration"].destinationPath).host;
  const own = storeOf(keys, cluster);
  expect(find(keys, "ScheduledBackup", "patient-keys").spec.cluster.name).toBe("patient-keys");
  for (const path of overlays) {
    const objects = render(path);
    for (const one of ofKind(objects, "Cluster")) {
      const store = storeOf(objects, one);
      expect(bucket(own)).not.toBe(bucket(store));
      expect(own.configuration.s3Credentials.accessKeyId.name).not.toBe(
        store.configuration.s3Credentials.accessKeyId.name,
      );
      expect(parseInt(own.retentionPolicy)).toBeLessThan(parseInt(store.retentionPolicy));
    }
  }
});

test.each(overlays)("%s with keys: producer and consumers reach them, and nothing else of ours does", (path) => {
  const objects = [...render(path), ...keys];
  const policies = ofKind(objects, "NetworkPolicy");
  const of = (labels: Record<string, string>) => policies.filter(({ spec }) => selects(spec.podSelector, labels));
  const allows = (rules: Manifest[], side: "from" | "to", labels: Record<string, string>) =>
    rules.some((rule) =>
      (rule[side] ?? []).some(({ podSelector, namespaceSelector }: Manifest) =>
        podSelector && !namespaceSelector && selects(podSelector, labels)
      ) && rule["ports"].some(({ port }: { port: number }) => port === 5432)
    );
  const ingress = of(clusterLabels).flatMap(({ spec }) => spec.ingress ?? []);
  const services = ofKind(objects, "Deployment");
  expect(services.length).toBeGreaterThan(1);
  for (const { metadata, spec: { template } } of services) {
    const { labels } = template.metadata;
    expect(allows(ingress, "from", labels), metadata.name).toBe(true);
    expect(allows(of(labels).flatMap(({ spec }) => spec.egress ?? []), "to", clusterLabels), metadata.name).toBe(true);
  }
  const others = [
    { "app.kubernetes.io/name": "rabbitmq" },
    { "app.kubernetes.io/name": "can-i-deploy" },
    { "cnpg.io/cluster": "producer-database" },
    { "cnpg.io/cluster": "consumer-database" },
    {},
  ];
  for (const labels of others) expect(allows(ingress, "from", labels), JSON.stringify(labels)).toBe(false);
  // The policies of the other databases say nothing of this one, which would open it to their callers.
  expect(of(clusterLabels).map(({ metadata }) => metadata.name)).toEqual(["default-deny", "names", "patient-keys"]);
});

test.each(overlays)(
  "%s with keys: each service has the authority of the keys' server where the example says",
  (path) => {
    for (const { spec: { template: { spec } } } of ofKind(render(path), "Deployment")) {
      const volume = spec.volumes.find(({ name }: Manifest["metadata"]) => name === "patient-keys-ca");
      // Without keys the Secret is not there.
      expect(volume.secret).toEqual({
        secretName: "patient-keys-ca",
        optional: true,
        items: [{ key: "ca.crt", path: "ca.crt" }],
      });
      expect(spec.containers[0].volumeMounts).toContainEqual({
        name: "patient-keys-ca",
        mountPath: "/run/secrets/patient-keys",
        readOnly: true,
      });
    }
  },
);

/** What the operator does with the object, on a server that has nothing else: the roles, and its SQL as a superuser. */
async function createCluster() {
  const folder = mkdtempSync(join(tmpdir(), "keys-cluster-"));
  releases.add("the folder", () => rmSync(folder, { recursive: true, force: true }));
  const place = { folder: join(folder, "postgres"), port: await freePort(), password: "secret", durable: false };
  const server = await startPostgres(place);
  releases.add("the server", () => server.stop());
  async function execute(url: URL, statements: string[]) {
    const sql = postgres(url.href, { max: 1, onnotice: () => {} });
    for (const statement of statements) await sql.unsafe(statement);
    await sql.end();
  }
  const { database, owner, postInitApplicationSQL: statements } = cluster.spec.bootstrap.initdb;
  const url = new URL(server.adminUrl);
  await execute(url, [`CREATE ROLE ${owner} LOGIN PASSWORD 'secret'`, `CREATE DATABASE ${database} OWNER ${owner}`]);
  url.pathname = `/${database}`;
  await execute(url, statements);
  const [role] = cluster.spec.managed.roles;
  // Neither a superuser nor in another role.
  expect(role).toEqual({ name: "consumer", ensure: "present", login: true, passwordSecret: expect.anything() });
  await execute(url, [
    "ALTER ROLE consumer LOGIN PASSWORD 'secret'",
    "CREATE ROLE somebody LOGIN PASSWORD 'secret'",
  ]);
  return (role: string) => {
    url.username = role;
    return url.href;
  };
}

test("on a real server the producer's role makes its table, the consumer's only reads it, and nobody else connects", async () => {
  const urlOf = await createCluster();
  const migrations = join(root, "producer/key-migrations");
  const producer = postgres(urlOf("producer"), { max: 1, onnotice: () => {} });
  releases.add("the producer's connection", () => producer.end());
  for (const file of readdirSync(migrations).sort()) {
    await producer.unsafe(readFileSync(join(migrations, file), "utf8"));
  }
  const sql = postgres(urlOf("consumer"), { max: 1, onnotice: () => {} });
  releases.add("the consumer's connection", () => sql.end());
  expect(await sql`SELECT kid, wrapped FROM patient_keys`).toEqual([]);
  const forbidden = [
    "INSERT INTO patient_keys (kid) VALUES (gen_random_uuid())",
    "UPDATE patient_keys SET wrapped = NULL",
    "DELETE FROM patient_keys",
    "TRUNCATE patient_keys",
    "CREATE TABLE more ()",
    "DROP TABLE patient_keys",
  ];
  for (const statement of forbidden) {
    await expect(sql.unsafe(statement), statement).rejects.toMatchObject({ code: "42501" });
  }
  const stranger = postgres(urlOf("somebody"), { max: 1 });
  releases.add("somebody's connection", () => stranger.end());
  await expect(stranger`SELECT`).rejects.toMatchObject({ code: "42501" });
});
