import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";
import { root } from "../../local-files.ts";

/** A Kubernetes object; what a test asks of it is what the schema has held before. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  // deno-lint-ignore no-explicit-any
  [field: string]: any;
}

interface Kustomization {
  bases?: string[];
  resources?: string[];
  patchesStrategicMerge?: string[];
  configMapGenerator?: { name: string; behavior?: string; literals: string[] }[];
}

export const folder = "deploy/kubernetes";
export const overlays = ["overlays/small", "overlays/large"];
/** All that can be applied by itself. */
export const kustomizations = [...overlays, "keys", "migrate", "gate", "subscriber"];

/** The objects of a file, in order. */
export function objectsOf(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(root, folder, file), "utf8")).map((document) => document.toJS());
}

/**
 * What `kubectl kustomize` makes of a folder, without kubectl, namespace, images and the hash in a ConfigMap's name: as much
 * of Kustomize as these folders use. tests/extra/kubernetes.test.ts holds it against the real one.
 */
export function render(path: string): Manifest[] {
  const kustomization: Kustomization = parse(readFileSync(join(root, folder, path, "kustomization.yaml"), "utf8"));
  const objects = (kustomization.bases ?? []).flatMap((base) => render(join(path, base)));
  for (const resource of kustomization.resources ?? []) objects.push(...objectsOf(join(path, resource)));
  for (const { name, behavior, literals } of kustomization.configMapGenerator ?? []) {
    const data = Object.fromEntries(literals.map((literal) => literal.split(/=(.*)/s).slice(0, 2)));
    if (behavior === "merge") Object.assign(find(objects, "ConfigMap", name).data, data);
    else objects.push({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data });
  }
  for (const patch of kustomization.patchesStrategicMerge ?? []) {
    for (const one of objectsOf(join(path, patch))) merge(find(objects, one.kind, one.metadata.name), one);
  }
  return objects;
}

// deno-lint-ignore no-explicit-any
function merge(target: Record<string, any>, patch: Record<string, any>): void {
  for (const [key, value] of Object.entries(patch)) {
    const both = typeof value === "object" && typeof target[key] === "object" && !Array.isArray(value);
    if (both) merge(target[key], value);
    else target[key] = value;
  }
}

export function find(objects: Manifest[], kind: string, name: string): Manifest {
  const found = objects.filter((one) => one.kind === kind && one.metadata.name === name);
  if (found.length !== 1) throw new Error(`there are ${found.length} objects ${kind} ${name}`);
  return found[0]!;
}

export const ofKind = (objects: Manifest[], ...kinds: string[]): Manifest[] =>
  objects.filter(({ kind }) => kinds.includes(kind));

/** Whether a label selector (matchLabels, matchExpressions with In and Exists) takes these labels. */
export function selects(
  selector: { matchLabels?: Record<string, string>; matchExpressions?: { key: string; values?: string[] }[] },
  labels: Record<string, string> = {},
): boolean {
  return Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every(({ key, values }) =>
      key in labels && (values === undefined || values.includes(labels[key]!))
    );
}

/** The environment of a Deployment's or Job's first container, with the Secrets as their examples have them. */
export function environmentOf(workload: Manifest, objects: Manifest[]): Record<string, string> {
  const [container] = workload.spec.template.spec.containers;
  const environment: Record<string, string> = {};
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef) Object.assign(environment, find(objects, "ConfigMap", configMapRef.name).data);
    if (secretRef) Object.assign(environment, exampleSecret(secretRef.name));
  }
  for (const { name, value = "secret" } of container.env ?? []) {
    environment[name] = value.replaceAll(/\$\((\w+)\)/g, (_: string, other: string) => environment[other] ?? "");
  }
  return Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
}

/** The names in an example are the keys of the Secret. */
export function exampleSecret(name: string): Record<string, string> {
  const file = join(root, folder, "secrets", `${name}.env.example`);
  if (!existsSync(file)) return {};
  const lines = readFileSync(file, "utf8").split("\n").filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}
