import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { root } from "../../local-files.ts";
import { folder, kustomizations, type Manifest, render } from "../support/kubernetes.ts";
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
