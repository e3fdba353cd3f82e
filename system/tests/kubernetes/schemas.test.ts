import { expect, test } from "vitest";
import { find, kustomizations, type Manifest, render } from "../support/kubernetes.ts";
import { schemaProblems } from "../support/kubernetes-schemas.ts";

test.each(kustomizations)("every object of %s is what its schema allows, and has no field beside", (path) => {
  const objects = render(path);
  expect(objects.length).toBeGreaterThan(1);
  expect(schemaProblems(objects)).toEqual([]);
});

/** A copy of an object of the large overlay with another spec. */
function changed(kind: string, name: string, change: (spec: Manifest["spec"]) => void): Manifest {
  const copy = structuredClone(find(render("overlays/large"), kind, name));
  change(copy.spec);
  return copy;
}

test("a misspelt field and a value of the wrong kind are found, in Kubernetes' own objects and in the operators'", () => {
  const wrong = [
    changed("Deployment", "producer", (spec) => spec.template.spec.containers[0].livenessProb = {}),
    changed("Deployment", "consumer-audit", (spec) => spec.template.spec.terminationGracePeriodSeconds = "long"),
    changed("ScaledObject", "consumer-audit", (spec) => spec.maxReplicas = 3),
    changed("ScaledObject", "consumer-audit", (spec) => spec.minReplicaCount = "two"),
    changed("Queue", "apt-audit-queue", (spec) => delete spec.name),
    changed("Cluster", "producer-database", (spec) => spec.postgresql.synchronous.method = "some"),
    changed("RabbitmqCluster", "rabbitmq", (spec) => spec.persistence.size = "1Gi"),
  ];
  for (const one of wrong) expect(schemaProblems([one]), JSON.stringify(one.metadata)).not.toEqual([]);
  expect(schemaProblems([{ ...wrong[3]!, kind: "ScaledThing" }])).not.toEqual([]);
});
