import { type KubernetesObject, object } from "./objects.ts";

export interface Scaling {
  /** The Deployment that is scaled. */
  deployment: string;
  /** The queues of its jobs, the retry queues among them. */
  queues: string[];
  jobs: string[];
  minReplicas: number;
  maxReplicas: number;
}

const prometheus = "http://prometheus-operated.monitoring.svc:9090";
/** Waiting events for each replica. */
const depth = "200";
/** Seconds. */
const age = "60";

/**
 * As many consumers as what waits demands. What is in a retry queue comes back, so it counts. Several processes report
 * the same queue: the largest is taken. Scaling in is slow, one pod a minute after ten calm ones, since each pod that goes
 * hands back what it held.
 */
export function scaledObject(
  { deployment, queues, jobs, minReplicas, maxReplicas }: Scaling,
  namespace: string,
): KubernetesObject {
  const inNamespace = `namespace="${namespace}"`;
  const trigger = (query: string, threshold: string, metricType: string) => ({
    type: "prometheus",
    metricType,
    metadata: { serverAddress: prometheus, query, threshold },
  });
  return object("keda.sh/v1alpha1", "ScaledObject", deployment, {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment },
    minReplicaCount: minReplicas,
    maxReplicaCount: maxReplicas,
    pollingInterval: 15,
    advanced: {
      horizontalPodAutoscalerConfig: {
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 2, periodSeconds: 30 }] },
          scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] },
        },
      },
    },
    triggers: [
      trigger(
        `sum(max by (queue) (queue_messages{${inNamespace},queue=~"${anyOf(queues)}"}))`,
        depth,
        "AverageValue",
      ),
      trigger(
        `max(event_oldest_age_seconds{${inNamespace},consumer_job=~"${anyOf(jobs)}"})`,
        age,
        "Value",
      ),
    ],
  });
}

/** A regular expression of PromQL, anchored by itself: names with their dots as they are. */
function anyOf(names: string[]): string {
  return names.map((name) => name.replaceAll(".", "[.]")).join("|");
}
