import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { workingTree } from "../working-tree.ts";
import { renderKubernetes } from "./kubernetes-files.ts";
import { type KubernetesObject, nameOf, object, renderFile } from "./objects.ts";

const tree = workingTree(new URL("../../..", import.meta.url).pathname);

function jobs(read = tree): KubernetesObject[] {
  const text = renderKubernetes(read).get("deploy/kubernetes/jobs/generated/jobs.yaml")!;
  return parseAllDocuments(text).map((document) => document.toJS());
}

test("what the documents say of a queue is in its object, and a job that they have in addition has a Deployment", () => {
  const changed = (path: string) =>
    path === "consumer/asyncapi.yaml"
      ? tree(path).replaceAll("x-max-length: 10000", "x-max-length: 500").replace(/^ {2}audit:\n/m, "  ledger:\n")
      : tree(path);
  const topology = renderKubernetes(changed).get("deploy/kubernetes/base/generated/topology.yaml");
  expect(topology).toContain("x-max-length: 500");
  expect(topology).not.toContain("x-max-length: 10000");
  const names = jobs(changed).filter(({ kind }) => kind === "Deployment").map(({ metadata }) => metadata.name);
  expect(names).toContain("consumer-ledger");
  expect(names).not.toContain("consumer-audit");
});

test("a job's Deployment runs that job only, with what it needs only", () => {
  const deployments = jobs().filter(({ kind }) => kind === "Deployment");
  expect(deployments).toHaveLength(5);
  for (const { metadata, spec } of deployments) {
    const job = metadata.name.replace("consumer-", "");
    const text = JSON.stringify(spec);
    expect(text).toContain(`{"name":"JOBS","value":"${job}"}`);
    expect(text.includes("audit-checkpoints")).toBe(job === "audit");
    for (const label of ["notifications", "calendar"]) {
      expect(text.includes(`"appointments/${label}":"true"`), metadata.name).toBe(job === label);
    }
    expect(text).not.toContain('"app.kubernetes.io/instance":"consumer"');
  }
});

test("two names of the broker that are one to Kubernetes are an error, not an object that is lost", () => {
  const names = ["apt.audit.queue", "apt-audit.queue"].map((name) => object("v1", "Queue", nameOf(name), { name }));
  expect(() => renderFile("a document", names)).toThrow("Queue apt-audit-queue twice");
});
