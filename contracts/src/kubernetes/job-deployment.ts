import { isObject, type Json, type JsonObject } from "../json.ts";
import type { KubernetesObject } from "./objects.ts";

/** The Deployment and PodDisruptionBudget of all jobs, as those of one: another name and `JOBS`, and only what it needs. */
export function ofOneJob(template: KubernetesObject, job: string): KubernetesObject {
  const renamed = rename(template as unknown as JsonObject, job) as unknown as KubernetesObject;
  if (renamed.kind !== "Deployment") return renamed;
  const { template: pod } = renamed.spec as { template: PodTemplate };
  const { labels } = pod.metadata;
  for (const label of Object.keys(labels)) {
    if (label.startsWith("appointments/") && label !== `appointments/${job}`) delete labels[label];
  }
  const [container] = pod.spec.containers;
  container.env.push({ name: "JOBS", value: job });
  if (job !== "audit") {
    // What the Secret has of these is for the pods of audit alone, which seal for all.
    for (const name of ["AUDIT_CHECKPOINT_DIR", "AUDIT_SIGNING_KEY", "AUDIT_HMAC_KEY", "AUDIT_DATABASE_URL"]) {
      container.env.push({ name, value: "" });
    }
    container.volumeMounts = container.volumeMounts.filter(({ name }) => name !== "audit");
    pod.spec.volumes = pod.spec.volumes.filter(({ name }) => name !== "audit");
  }
  return renamed;
}

interface PodTemplate {
  metadata: { labels: Record<string, string> };
  spec: {
    containers: [{ env: { name: string; value: string }[]; volumeMounts: { name: string }[] }];
    volumes: { name: string }[];
  };
}

/** What tells the Deployments apart: their own name, and the label by which each finds its pods. */
function rename(value: JsonObject, job: string): JsonObject {
  const name = `consumer-${job}`;
  const withInstance = (one: Json): Json => {
    if (Array.isArray(one)) return one.map(withInstance);
    if (!isObject(one)) return one;
    return Object.fromEntries(
      Object.entries(one).map(([key, its]) => [key, key === "app.kubernetes.io/instance" ? name : withInstance(its)]),
    );
  };
  const { metadata, ...rest } = withInstance(value) as { metadata: JsonObject };
  const { apiVersion, kind, ...others } = rest as JsonObject;
  return { apiVersion: apiVersion!, kind: kind!, metadata: { ...metadata, name }, ...others };
}
