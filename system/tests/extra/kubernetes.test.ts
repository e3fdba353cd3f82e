import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments, stringify } from "yaml";
import { root } from "../../local-files.ts";
import { find, folder, kustomizations, type Manifest, objectsOf, render } from "../support/kubernetes.ts";
import { schemaProblems } from "../support/kubernetes-schemas.ts";

function kustomize(path: string): Manifest[] {
  const { stdout, stderr, status, error } = spawnSync("kubectl", ["kustomize", join(root, folder, path)], {
    encoding: "utf8",
  });
  if (error) throw new Error("kubectl can't be started (.ci/run installs it)", { cause: error });
  expect(status, stderr).toBe(0);
  return parseAllDocuments(stdout).map((document) => document.toJS());
}

/** As ours: without what Kustomize adds, and without the hash in a ConfigMap's name. */
function plain({ metadata: { namespace, annotations, labels, ...metadata }, ...one }: Manifest): Manifest {
  expect(one.kind === "Namespace" ? "appointments" : namespace).toBe("appointments");
  const kept = { ...metadata, ...(filled(labels) && { labels }), ...(filled(annotations) && { annotations }) };
  const text = JSON.stringify({ ...one, metadata: kept }).replaceAll(/"(versions|\w+-settings)-[a-z0-9]{10}"/g, '"$1"');
  return JSON.parse(text.replaceAll(/"(appointments\/[a-z]+):latest"/g, '"$1"'));
}

const filled = (value: unknown): boolean => Object.keys(value ?? {}).length > 0;

test.each(kustomizations)("kubectl renders %s as the tests without it do, and its schemas allow it", (path) => {
  const rendered = kustomize(path);
  expect(schemaProblems(rendered)).toEqual([]);
  const byName = (objects: Manifest[]) =>
    Object.fromEntries(objects.map((one) => [`${one.kind} ${one.metadata.name}`, one]));
  expect(byName(rendered.map(plain))).toEqual(byName(render(path)));
});

test("a setting that changes gives its ConfigMap another name, so that pods are replaced", () => {
  const [settings] = kustomize("overlays/small").filter(({ metadata }) =>
    metadata.name.startsWith("consumer-settings-")
  );
  const text = JSON.stringify(kustomize("overlays/small").filter(({ kind }) => kind === "Deployment"));
  expect(text).toContain(`"configMapRef":{"name":"${settings!.metadata.name}"}`);
  const [large] = kustomize("overlays/large").filter(({ metadata }) => metadata.name.startsWith("consumer-settings-"));
  expect(large!.metadata.name).not.toBe(settings!.metadata.name);
});

test("a queue that nobody reads is an alert after an hour; one that is read, an empty one, and our own are none", () => {
  const place = mkdtempSync(join(tmpdir(), "rules-"));
  const series = (queue: string, messages: string, consumers: string) => [
    { series: `rabbitmq_detailed_queue_messages_ready{queue="${queue}",vhost="/"}`, values: messages },
    { series: `rabbitmq_detailed_queue_consumers{queue="${queue}",vhost="/"}`, values: consumers },
  ];
  try {
    const { spec } = find(objectsOf("base/monitoring.yaml"), "PrometheusRule", "subscribers");
    writeFileSync(join(place, "rules.yml"), stringify(spec));
    const tests = {
      rule_files: ["rules.yml"],
      evaluation_interval: "1m",
      tests: [{
        interval: "1m",
        input_series: [
          ...series("billing.appointments", "0+10x90", "1x10 0x80"),
          ...series("research.appointments", "0+10x90", "1x90"),
          ...series("idle.appointments", "0x90", "0x90"),
          ...series("apt.audit.retry.1s", "5x90", "0x90"),
        ],
        promql_expr_test: [
          { expr: 'count(ALERTS{alertstate="firing"}) or vector(0)', eval_time: "60m", exp_samples: [{ value: 0 }] },
          {
            expr: 'count by (queue) (ALERTS{alertstate="firing",alertname="QueueAbandoned"})',
            eval_time: "80m",
            exp_samples: [{ labels: '{queue="billing.appointments"}', value: 1 }],
          },
        ],
      }],
    };
    writeFileSync(join(place, "test.yml"), stringify(tests));
    const { status, stdout, stderr, error } = spawnSync("promtool", ["test", "rules", "test.yml"], {
      cwd: place,
      encoding: "utf8",
    });
    if (error) throw new Error("promtool can't be started (.ci/run installs it)", { cause: error });
    expect(status, stdout + stderr).toBe(0);
  } finally {
    rmSync(place, { recursive: true });
  }
});
