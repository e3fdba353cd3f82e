import { provider } from "../deploy/participants.ts";
import type { KubernetesObject } from "./objects.ts";

/** A Job for each service that ends well only where a Pact Broker says yes: for the consumer, of each of its pacts. */
export function canIDeployJobs(jobs: string[]): KubernetesObject[] {
  // Each job has a pact of its events, and the replay one of what it asks the producer's archive over HTTP.
  const asked = { producer: [provider], consumer: [...jobs, "replay"].map((name) => `appointment-${name}`) };
  return Object.entries(asked).map(([service, participants]) => ({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: `can-i-deploy-${service}`,
      annotations: {
        "argocd.argoproj.io/hook": "PreSync",
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        // Before the migrations.
        "argocd.argoproj.io/sync-wave": "-1",
      },
    },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: 3600,
      template: {
        metadata: { labels: { "app.kubernetes.io/name": "can-i-deploy" } },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          restartPolicy: "Never",
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            runAsGroup: 1000,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: participants.map((participant) => ask(participant, service)),
          volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
        },
      },
    },
  }));
}

function ask(participant: string, service: string) {
  return {
    name: participant,
    image: "appointments/pact",
    command: ["pact-broker", "can-i-deploy"],
    args: ["--pacticipant", participant, "--version", "$(VERSION)", "--to-environment", "$(ENVIRONMENT)"],
    env: [
      {
        name: "VERSION",
        valueFrom: { configMapKeyRef: { name: "versions", key: `${service.toUpperCase()}_VERSION` } },
      },
      { name: "ENVIRONMENT", valueFrom: { configMapKeyRef: { name: "versions", key: "ENVIRONMENT" } } },
    ],
    // PACT_BROKER_BASE_URL and PACT_BROKER_TOKEN.
    envFrom: [{ secretRef: { name: "pact-broker" } }],
    resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
  };
}
