import { expect, test } from "vitest";
import {
  environmentOf,
  find,
  kustomizations,
  type Manifest,
  ofKind,
  overlays,
  render,
  selects,
} from "../support/kubernetes.ts";

const workloads = kustomizations.flatMap((path) => {
  const objects = render(path);
  return ofKind(objects, "Deployment", "Job").map((one) => ({ path, name: one.metadata.name, one, objects }));
});
const deployments = workloads.filter(({ one }) => one.kind === "Deployment");

test("there are the producer, the consumer or one for each job, the migrations and the questions before them", () => {
  const names = (path: string) => workloads.filter((one) => one.path === path).map(({ name }) => name).toSorted();
  const jobs = ["analytics", "audit", "availability", "calendar", "notifications"];
  expect(names("overlays/small")).toEqual(["consumer", "producer"]);
  expect(names("overlays/large")).toEqual([...jobs.map((job) => `consumer-${job}`), "producer"]);
  expect(names("migrate")).toEqual(["consumer-migrate", "producer-migrate"]);
  expect(names("gate")).toEqual(["can-i-deploy-consumer", "can-i-deploy-producer"]);
});

test.each(workloads)("$path: $name has no root, no privilege, no token, no writable disk, and bounds", ({ one }) => {
  const { spec } = one.spec.template;
  expect(spec).toMatchObject({
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
  });
  expect(spec.hostNetwork ?? spec.hostPID ?? spec.hostIPC).toBeUndefined();
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(container.resources).toMatchObject({
      requests: { cpu: expect.any(String), memory: expect.any(String) },
      limits: { memory: expect.any(String) },
    });
  }
  expect((spec.volumes as Manifest[]).filter((volume) => "hostPath" in volume)).toEqual([]);
  for (const { emptyDir } of spec.volumes) if (emptyDir) expect(emptyDir.sizeLimit).toBeDefined();
});

test.each(deployments)("$path: $name is probed, spread and kept up while nodes are drained", ({ one, objects }) => {
  const { metadata: { labels }, spec } = one.spec.template;
  const [container] = spec.containers;
  const paths = ["startupProbe", "livenessProbe", "readinessProbe"].map((probe) => container[probe].httpGet.path);
  // Liveness asks nobody else: a pod that is restarted because its database is away helps nobody.
  expect(paths).toEqual(["/livez", "/livez", "/readyz"]);
  const ports = container.ports.map(({ name }: { name: string }) => name);
  expect(ports).toContain(container.readinessProbe.httpGet.port);
  expect(selects(one.spec.selector, labels)).toBe(true);
  expect(spec.topologySpreadConstraints.map(({ topologyKey }: { topologyKey: string }) => topologyKey)).toEqual([
    "kubernetes.io/hostname",
    "topology.kubernetes.io/zone",
  ]);
  const instance = "app.kubernetes.io/instance";
  for (const { labelSelector } of spec.topologySpreadConstraints) {
    expect(labelSelector).toEqual({ matchLabels: { [instance]: labels[instance] } });
  }
  const budgets = ofKind(objects, "PodDisruptionBudget").filter(({ spec }) => selects(spec.selector, labels));
  expect(budgets.map(({ spec }) => spec.maxUnavailable)).toEqual([1]);
  const others = deployments.filter(({ objects: its, one: other }) => its === objects && other !== one);
  expect(others.filter(({ one: other }) => selects(one.spec.selector, other.spec.template.metadata.labels))).toEqual(
    [],
  );
});

/** The services' own defaults, from their descriptions. */
test.each(deployments)("$path: $name ends what it has begun before it is killed", ({ one, objects }) => {
  const { spec } = one.spec.template;
  const environment = environmentOf(one, objects);
  const shutdown = Number(environment.SHUTDOWN_TIMEOUT_MS);
  const longestJob = Number(environment.JOB_TIMEOUT_MS ?? 30_000) + Number(environment.CONFIRM_TIMEOUT_MS ?? 5_000);
  if (one.metadata.name !== "producer") expect(shutdown).toBeGreaterThan(longestJob);
  const [sleep, seconds] = spec.containers[0].lifecycle.preStop.exec.command;
  expect(sleep).toBe("sleep");
  expect(Number(seconds)).toBeGreaterThan(0);
  // And what follows: the audit trail is sealed, connections are closed, spans are sent.
  expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(Number(seconds) + shutdown / 1000 + 5);
});

test.each(overlays)("%s: what scales does so on its own queues and ages, slowly when it shrinks", (path) => {
  const objects = render(path);
  const scaled = ofKind(objects, "ScaledObject");
  const consumers = ofKind(objects, "Deployment").filter(({ metadata }) => metadata.name !== "producer");
  expect(scaled.map(({ spec }) => spec.scaleTargetRef.name)).toEqual(consumers.map(({ metadata }) => metadata.name));
  for (const { spec } of scaled) {
    expect(spec.minReplicaCount).toBeGreaterThanOrEqual(2);
    expect(find(objects, "Deployment", spec.scaleTargetRef.name).spec.replicas).toBeUndefined();
    const { scaleDown } = spec.advanced.horizontalPodAutoscalerConfig.behavior;
    expect(scaleDown.stabilizationWindowSeconds).toBeGreaterThanOrEqual(300);
    expect(scaleDown.policies).toEqual([{ type: "Pods", value: 1, periodSeconds: 60 }]);
  }
});

test.each(overlays)("%s: the pools of all pods fit into their PostgreSQL", (path) => {
  const objects = render(path);
  for (const service of ["producer", "consumer"]) {
    const total = ofKind(objects, "Deployment")
      .filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/name"] === service)
      .map((one) => {
        const environment = environmentOf(one, objects);
        const jobs = environment.JOBS?.split(",").length ?? 5;
        const scaled = ofKind(objects, "ScaledObject").find(({ metadata }) => metadata.name === one.metadata.name);
        // One pod more while they are replaced.
        const pods = (scaled?.spec.maxReplicaCount ?? one.spec.replicas) + one.spec.strategy.rollingUpdate.maxSurge;
        const pool = Number(
          environment.DATABASE_POOL ?? (service === "producer" ? 20 : jobs * Number(environment.CONCURRENCY ?? 3) + 5),
        );
        // Beside the pool: the relay two and the start one; of the consumer a suspect of each job one.
        return pods * (pool + (service === "producer" ? 3 : jobs));
      })
      .reduce((sum, part) => sum + part);
    const { parameters } = find(objects, "Cluster", `${service}-database`).spec.postgresql;
    // Three for a superuser, and a command and the migration on top.
    expect(total + 3 + 3 + 1, service).toBeLessThanOrEqual(Number(parameters.max_connections));
  }
});

test.each(overlays)("%s: three brokers and three instances of each database, backed up every day", (path) => {
  const objects = render(path);
  expect(find(objects, "RabbitmqCluster", "rabbitmq").spec.replicas).toBe(3);
  const clusters = ofKind(objects, "Cluster");
  expect(clusters.map(({ metadata }) => metadata.name)).toEqual(["producer-database", "consumer-database"]);
  const stores = new Set();
  for (const { metadata: { name }, spec } of clusters) {
    expect(spec.instances).toBe(3);
    expect(spec.postgresql.synchronous).toEqual({ method: "any", number: 1, failoverQuorum: true });
    const [plugin] = spec.plugins;
    expect(plugin.isWALArchiver).toBe(true);
    const { configuration } = find(objects, "ObjectStore", plugin.parameters.barmanObjectName).spec;
    stores.add(configuration.destinationPath);
    const backup = find(objects, "ScheduledBackup", name).spec;
    expect([backup.cluster.name, backup.method, backup.pluginConfiguration.name]).toEqual([
      name,
      "plugin",
      plugin.name,
    ]);
    expect(backup.schedule).toMatch(/^0 \d+ \d+ \* \* \*$/);
  }
  // Two clusters that archive to one place would overwrite each other's history.
  expect(stores.size).toBe(2);
});
