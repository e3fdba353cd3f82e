import { defineConfig } from "./src/config.ts";

export default defineConfig({
  documents: { producer: "asyncapi.yaml", consumer: "consumer/asyncapi.yaml" },
  generated: { producer: "producer/src/generated", consumer: "consumer/src/generated" },
  pacts: { folder: "contracts/pacts", provider: "appointment-producer", consumerPrefix: "appointment-" },
  envelope: {
    name: "eventName",
    version: "version",
    payload: "payload",
    fields: ["eventName", "aggregateId", "timestamp", "version", "payload"],
  },
  queuePrefix: "apt.",
  lock: "consumer/contract.lock",
  definitions: "deploy/rabbitmq/definitions.json",
  openapi: "producer/client/src/generated/openapi.json",
  services: () => import("./clinic/services.ts"),
});
