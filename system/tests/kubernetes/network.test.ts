import { expect, test } from "vitest";
import { networkOf } from "../../deno-command.ts";
import {
  environmentOf,
  kustomizations,
  type Manifest,
  ofKind,
  overlays,
  render,
  selects,
} from "../support/kubernetes.ts";

/** The pods behind a host of the cluster, by the labels that their operator gives them, or that a Deployment does. */
const hosts: Record<string, Record<string, string>> = {
  rabbitmq: { "app.kubernetes.io/name": "rabbitmq", "app.kubernetes.io/component": "rabbitmq" },
  "producer-database-rw": { "cnpg.io/cluster": "producer-database" },
  "consumer-database-rw": { "cnpg.io/cluster": "consumer-database" },
  producer: { "app.kubernetes.io/name": "producer", "app.kubernetes.io/component": "api" },
};
/** Which settings lead somewhere only where the job runs. */
const ofJobs: Record<string, string[]> = {
  notifications: ["SMTP_URL", "BOUNCES_URL", "SMS_URL"],
  calendar: ["CALDAV_URL"],
};

const policiesOf = (objects: Manifest[], labels: Record<string, string>) =>
  ofKind(objects, "NetworkPolicy").filter(({ spec }) => selects(spec.podSelector, labels));

const outside = "outside";

/** Where a pod may connect to, and that it may look names up. */
function egressOf(objects: Manifest[], labels: Record<string, string>): string[] {
  const rules = policiesOf(objects, labels).flatMap(({ spec }) => spec.egress ?? []);
  return rules.flatMap(({ to, ports }) =>
    to.flatMap(({ podSelector, ipBlock, namespaceSelector }: Manifest) => {
      const places = podSelector
        ? Object.keys(hosts).filter((host) => selects(podSelector, hosts[host]))
        : ipBlock
        ? [outside]
        : [JSON.stringify(namespaceSelector.matchLabels)];
      if (places.length === 0) throw new Error(`no pod is ${JSON.stringify(podSelector)}`);
      return places.flatMap((place) => ports.map(({ port }: { port: number }) => `${place}:${port}`));
    })
  );
}

/** What ALLOW_NET would say, with each host that is not of the cluster as `outside`. */
function calledBy(one: Manifest, objects: Manifest[]): string[] {
  const environment = environmentOf(one, objects);
  const jobs = environment.JOBS?.split(",") ?? Object.keys(ofJobs);
  for (const [job, settings] of Object.entries(ofJobs)) {
    if (!jobs.includes(job)) { for (const setting of settings) delete environment[setting]; }
  }
  const listens = ["", "OPS_", "PROBE_"].map((of) => `${environment[`${of}HOST`]}:${environment[`${of}PORT`]}`);
  return networkOf(environment).filter((address) => !listens.includes(address) && !address.endsWith("undefined"))
    .map((address) => address.split(":"))
    .map(([host, port]) => `${host! in hosts ? host : outside}:${port}`);
}

const workloads = overlays.flatMap((path) => {
  const objects = render(path);
  return ofKind(objects, "Deployment").map((one) => ({ path, name: one.metadata.name, one, objects }));
});

test.each(workloads)("$path: $name may call what ALLOW_NET names, and nothing else", ({ one, objects }) => {
  const { labels } = one.spec.template.metadata;
  const names = egressOf(objects, labels).filter((place) => place.endsWith(":53"));
  expect(new Set(names).size).toBe(1);
  const allowed = new Set(egressOf(objects, labels).filter((place) => !place.endsWith(":53")));
  expect([...allowed].toSorted()).toEqual([...new Set(calledBy(one, objects))].toSorted());
});

test.each(workloads)(
  "$path: what $name calls lets it in, and its own port is the only one that it is called on",
  ({ one, objects }) => {
    const { labels } = one.spec.template.metadata;
    const letsIn = (host: string, port: number) =>
      policiesOf(objects, hosts[host]!).flatMap(({ spec }) => spec.ingress ?? []).some(({ from, ports }) =>
        ports.some((each: { port: number }) => each.port === port) &&
        from.some(({ podSelector }: Manifest) => podSelector && selects(podSelector, labels))
      );
    for (const address of calledBy(one, objects)) {
      const [host, port] = address.split(":");
      if (host !== outside) expect(letsIn(host!, Number(port)), address).toBe(true);
    }
    const rules = policiesOf(objects, labels).flatMap(({ spec }) => spec.ingress ?? []);
    const ports = rules.flatMap(({ ports }) => ports.map(({ port }: { port: number }) => port));
    expect(new Set(ports)).toEqual(
      new Set(one.spec.template.spec.containers[0].ports.map((each: Manifest) => each.containerPort)),
    );
  },
);

test.each(["producer", "consumer"])(
  "the database of the %s is called by that service and by nothing else of ours",
  (service) => {
    for (const { one, objects } of workloads) {
      const { labels } = one.spec.template.metadata;
      const rules = policiesOf(objects, hosts[`${service}-database-rw`]!).flatMap(({ spec }) => spec.ingress ?? []);
      const taken = rules.some(({ from }) =>
        from.some(({ podSelector }: Manifest) => podSelector && selects(podSelector, labels))
      );
      expect(taken, one.metadata.name).toBe(labels["app.kubernetes.io/name"] === service);
    }
  },
);

test("whatever is in no policy may do nothing, and each Job is in one", () => {
  for (const path of overlays) {
    const [deny] = ofKind(render(path), "NetworkPolicy").filter(({ metadata }) => metadata.name === "default-deny");
    expect(deny!.spec).toEqual({ podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  }
  const policies = [...render("overlays/small"), ...render("gate")];
  for (const path of kustomizations) {
    for (const { metadata, spec } of ofKind(render(path), "Job")) {
      const own = policiesOf(policies, spec.template.metadata.labels).filter(({ spec }) =>
        Object.keys(spec.podSelector).length > 0
      );
      expect(own, metadata.name).not.toEqual([]);
    }
  }
});
