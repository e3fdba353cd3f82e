import { expect, test } from "vitest";
import { describeService } from "../support/describe-service.ts";
import { environmentOf, exampleSecret, find, kustomizations, ofKind, overlays, render } from "../support/kubernetes.ts";

const isSecret = (name: string) => /(PASSWORD|_KEY|KEYS|TOKEN|SMTP_URL|BOUNCES_URL)$|^PATIENT_KEYS_/.test(name);
/** Made of these in the Deployment; a service reads none of them. */
const parts = ["DATABASE_PASSWORD", "AMQP_PASSWORD"];

test.each(["producer", "consumer"] as const)(
  "every setting of the %s has its place, and each place is a setting",
  (name) => {
    const { configuration } = describeService(name);
    for (const path of overlays) {
      const objects = render(path);
      const settings = Object.keys(find(objects, "ConfigMap", `${name}-settings`).data);
      for (const one of ofKind(objects, "Deployment")) {
        if (one.metadata.labels?.["app.kubernetes.io/name"] !== name) continue;
        const own = one.spec.template.spec.containers[0].env.map(({ name }: { name: string }) => name);
        const given = new Set([...settings, ...own, ...Object.keys(exampleSecret(name))]);
        expect([...given].filter((one) => !parts.includes(one)).toSorted(), path).toEqual(
          configuration.map(({ name }) => name).toSorted(),
        );
        const environment = environmentOf(one, objects);
        const missing = configuration.filter((variable) => variable.required && !environment[variable.name]);
        expect(missing).toEqual([]);
      }
      expect(settings.filter((setting) => isSecret(setting))).toEqual([]);
    }
  },
);

test("the migrations have what they require, of a database like the services'", () => {
  const objects = render("migrate");
  for (const name of ["producer", "consumer"] as const) {
    const job = find(objects, "Job", `${name}-migrate`);
    const environment = environmentOf(job, objects);
    const { configuration } = describeService(name);
    const known = configuration.map((variable) => variable.name);
    expect(Object.keys(environment).filter((one) => !known.includes(one) && !parts.includes(one))).toEqual([]);
    for (const { name: variable, required } of configuration) if (required) expect(environment[variable]).toBeTruthy();
    const large = render("overlays/large");
    const [service] = ofKind(large, "Deployment").filter((one) =>
      one.metadata.labels?.["app.kubernetes.io/name"] === name
    );
    const running = environmentOf(service!, large);
    expect(environment.DATABASE_URL).toBe(running.DATABASE_URL);
    expect(environment.DATABASE_CA_FILE).toBe(running.DATABASE_CA_FILE);
    expect(job.spec.template.spec.containers[0].command).toEqual([name, "migrate", "--json"]);
  }
});

test("the secrets of the large overlay are all that anything refers to, and no manifest holds one", () => {
  const madeByOperators = /^((producer|consumer)-database-(app|ca)|patient-keys-ca)$/;
  const objects = render("overlays/large");
  const fetched = ofKind(objects, "ExternalSecret").map(({ metadata }) => metadata.name);
  const text = JSON.stringify(objects.filter(({ kind }) => kind !== "ExternalSecret"));
  const referred = new Set([
    ...[
      ...text.matchAll(
        /"(?:secretRef|secretKeyRef|importCredentialsSecret|passwordSecret|accessKeyId|secretAccessKey)":\{"name":"([^"]+)"/g,
      ),
    ],
    ...[...text.matchAll(/"secretName":"([^"]+)"/g)],
  ].map(([, name]) => name!));
  expect([...referred].filter((name) => !madeByOperators.test(name)).toSorted()).toEqual(fetched.toSorted());
  // The Messaging Topology Operator reads a Secret only with its label.
  for (const { spec: { importCredentialsSecret: { name } } } of ofKind(objects, "User")) {
    const { template } = find(objects, "ExternalSecret", name).spec.target;
    expect(template.metadata.labels).toEqual({ "rabbitmq.com/topology-operator": "true" });
  }
  for (const path of kustomizations) expect(ofKind(render(path), "Secret")).toEqual([]);
});

test("checkpoints of the audit trail are outside of the database, where every replica that writes them can", () => {
  for (const path of overlays) {
    const objects = render(path);
    expect(find(objects, "PersistentVolumeClaim", "audit-checkpoints").spec.accessModes).toEqual(["ReadWriteMany"]);
    const writers = ofKind(objects, "Deployment").filter((one) => environmentOf(one, objects).AUDIT_CHECKPOINT_DIR);
    expect(writers.map(({ metadata }) => metadata.name)).toEqual([
      path === "overlays/small" ? "consumer" : "consumer-audit",
    ]);
    for (const { spec: { template: { spec } } } of writers) {
      expect(spec.volumes).toContainEqual({ name: "audit", persistentVolumeClaim: { claimName: "audit-checkpoints" } });
      expect(spec.containers[0].volumeMounts).toContainEqual({ name: "audit", mountPath: "/var/lib/audit" });
    }
  }
});
