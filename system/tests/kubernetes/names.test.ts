import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../../local-files.ts";
import { read, services } from "../support/deploy-files.ts";
import { describeService } from "../support/describe-service.ts";
import { find, folder, type Manifest, objectsOf, ofKind, overlays, render, selects } from "../support/kubernetes.ts";

const definitions = JSON.parse(read("deploy/rabbitmq/definitions.json"));
const objects = render("overlays/large");
const specs = (kind: string) => ofKind(objects, kind).map(({ spec }) => spec);

test("exchanges, queues with their arguments, and bindings are those of the broker's definitions", () => {
  expect(specs("Exchange").map(({ name, type, durable }) => ({ name, type, durable }))).toEqual(
    definitions.exchanges.map(({ name, type, durable }: Manifest) => ({ name, type, durable })),
  );
  expect(
    specs("Queue").map(({ name, type, durable, arguments: its }) => ({
      name,
      durable,
      arguments: { "x-queue-type": type, ...its },
    })),
  ).toEqual(
    definitions.queues.map(({ name, durable, arguments: its }: Manifest) => ({ name, durable, arguments: its })),
  );
  expect(specs("Binding").map(({ source, destination, routingKey }) => [source, destination, routingKey])).toEqual(
    definitions.bindings.map(({ source, destination, routing_key }: Manifest) => [source, destination, routing_key]),
  );
  // Who deletes a manifest must not delete messages.
  for (const { deletionPolicy } of specs("Queue")) expect(deletionPolicy).toBe("retain");
});

test("users may do what the definitions say, and there is no administrator among them", () => {
  const users = ["producer", "consumer"];
  expect(ofKind(objects, "User").map(({ metadata }) => metadata.name)).toEqual(users);
  for (const { tags } of specs("User")) expect(tags).toBeUndefined();
  const expected = (list: Manifest[], fields: string[]) =>
    list.filter(({ user }) => users.includes(user as string)).map((
      entry,
    ) => [entry.user, ...fields.map((field) => entry[field])]);
  const actual = (kind: string, fields: string[]) =>
    specs(kind).map((
      { userReference, permissions },
    ) => [userReference.name, ...fields.map((field) => permissions[field])]);
  const rights = ["configure", "write", "read"];
  expect(actual("Permission", rights)).toEqual(expected(definitions.permissions, rights));
  const topics = ["exchange", "write", "read"];
  expect(actual("TopicPermission", topics)).toEqual(expected(definitions.topic_permissions, topics));
});

test.each(overlays)("%s: queues and jobs of what scales are those of the contract, retry queues included", (path) => {
  const own = render(path);
  const all = definitions.queues.map(({ name }: Manifest) => name as unknown as string)
    .filter((name: string) => !name.endsWith(".dlq"));
  const seen: string[] = [];
  for (const { spec } of ofKind(own, "ScaledObject")) {
    const [depth, age] = spec.triggers.map(({ metadata }: { metadata: { query: string } }) => metadata.query);
    const names = (query: string, label: string) =>
      new RegExp(`${label}=~"([^"]*)"`).exec(query)![1]!.split("|").map((name) => name.replaceAll("[.]", "."));
    const queues = names(depth, "queue");
    seen.push(...queues);
    const ofJob = (job: string) => job === "analytics" ? "created" : job;
    expect(new Set(queues.map((queue) => queue.split(".")[1]))).toEqual(new Set(names(age, "consumer_job").map(ofJob)));
    const known = describeService("consumer").metrics.map(({ name }) => name);
    for (const query of [depth, age]) {
      expect(known).toContain(/\((\w+)\{/.exec(query.replace(/^sum\(max by \(queue\) /, ""))![1]);
    }
    expect(depth).toContain('namespace="appointments"');
  }
  expect(seen.toSorted()).toEqual(all.toSorted());
});

test("the rules are those of Prometheus, on the jobs that its monitors make", () => {
  expect(find(objects, "PrometheusRule", "appointments").spec).toEqual(parse(read("deploy/prometheus/alerts.yml")));
  const scraped = parse(read("deploy/prometheus/prometheus.yml")).scrape_configs.map((config: Manifest) =>
    config.job_name
  );
  expect(ofKind(objects, "ServiceMonitor").map(({ metadata }) => metadata.name)).toEqual(scraped);
  for (const name of ["producer", "consumer"]) {
    const { selector, endpoints } = find(objects, "ServiceMonitor", name).spec;
    // Prometheus Operator gives a series the name of its Service as `job`.
    const monitored = ofKind(objects, "Service").filter(({ metadata }) => selects(selector, metadata.labels));
    expect(monitored.map(({ metadata }) => metadata.name)).toEqual([name]);
    expect(monitored[0]!.spec.ports.map((port: Manifest) => port.name)).toEqual(
      expect.arrayContaining(endpoints.map((endpoint: Manifest) => endpoint.port)),
    );
    const pods = ofKind(objects, "Deployment").filter((one) =>
      one.metadata.labels?.["app.kubernetes.io/name"] === name
    );
    for (const { spec } of pods) {
      expect(selects({ matchLabels: monitored[0]!.spec.selector }, spec.template.metadata.labels)).toBe(true);
      expect(spec.template.spec.containers[0].ports.map((port: Manifest) => port.name)).toEqual(
        expect.arrayContaining(endpoints.map((endpoint: Manifest) => endpoint.port)),
      );
    }
  }
  // A migration serves nobody.
  for (const { spec } of ofKind(render("migrate"), "Job")) {
    for (const service of ofKind(objects, "Service")) {
      expect(selects({ matchLabels: service.spec.selector }, spec.template.metadata.labels)).toBe(false);
    }
  }
});

test("broker and database are the ones of compose, with the same settings of the cluster", () => {
  const compose = services("docker-compose.yml");
  const image = (text: string) => /:-(.*)\}$/.exec(text)![1]!;
  const { image: broker, rabbitmq } = find(objects, "RabbitmqCluster", "rabbitmq").spec;
  expect(broker).toBe(image(compose.rabbitmq!.image!));
  const lines = read("deploy/rabbitmq/cluster.conf").split("\n").filter((line) =>
    /^(quorum_queue|cluster_partition)/.test(line)
  );
  expect(lines).toHaveLength(4);
  expect(rabbitmq.additionalConfig.split("\n")).toEqual(expect.arrayContaining(lines));
  for (const { spec } of ofKind(objects, "Cluster")) {
    expect(spec.imageName.split(":")[1]).toBe(image(compose.postgres!.image!).split(":")[1]);
  }
});

test("a Job asks for each pact, with the command line that the contracts use", () => {
  const jobs = ofKind(render("gate"), "Job");
  const asked = jobs.flatMap(({ spec }) => spec.template.spec.containers.map((one: Manifest) => one.args[1]));
  const pacts = readdirSync(join(root, "contracts/pacts")).map((name) =>
    name.replace("-appointment-producer.json", "")
  );
  expect(asked.toSorted()).toEqual(["appointment-producer", ...pacts].toSorted());
  const { devDependencies } = JSON.parse(read("contracts/package.json"));
  expect(read(`${folder}/gate/Dockerfile`)).toContain(
    `@pact-foundation/pact-cli@${devDependencies["@pact-foundation/pact-cli"]} `.trim(),
  );
});

test("the example of a subscriber gets events that there are, reads its own queue only, and holds up nobody", () => {
  const example = objectsOf("subscriber/billing.yaml");
  const [queue, binding, permission, topics] = ["Queue", "Binding", "Permission", "TopicPermission"].map((kind) =>
    ofKind(example, kind)[0]!.spec
  );
  expect(queue.arguments["x-overflow"]).toBe("drop-head");
  expect(queue.arguments["x-max-length-bytes"]).toBeGreaterThan(0);
  expect(queue.arguments["x-expires"]).toBeGreaterThan(0);
  expect(binding).toMatchObject({ source: "appointments.ex", destination: queue.name });
  const keys = definitions.topic_permissions.find(({ user }: Manifest) => user === "producer").write;
  expect(binding.routingKey).toMatch(new RegExp(keys));
  expect(permission.permissions).toMatchObject({ configure: "^$", write: "^$" });
  const others = definitions.queues.map(({ name }: Manifest) => name as unknown as string);
  expect(
    [queue.name, ...others, "appointments.ex"].filter((name) => new RegExp(permission.permissions.read).test(name)),
  ).toEqual([queue.name]);
  expect(topics.permissions).toEqual({ exchange: "appointments.ex", write: "^$", read: "^$" });
});
