import type { Fault } from "../fault.ts";
import { whileLocked } from "./while-locked.ts";

/** kill -9 at the places where a promise hangs on what comes next. */
export const kills: Fault[] = [
  {
    name: "producer-killed-before-commit",
    async inject({ clinic, wait, kill, start }) {
      await whileLocked(clinic.producerSql, "outbox", "ACCESS EXCLUSIVE", async () => {
        await wait(200, 800);
        await kill("producer");
      });
      await start("producer");
    },
  },
  {
    name: "producer-killed-before-publish",
    async inject({ links, wait, kill, start }) {
      links.producerBroker.be("requests-lost");
      await wait(200, 1_500);
      await kill("producer");
      links.producerBroker.heal();
      await start("producer");
    },
  },
  {
    name: "producer-killed-before-confirm",
    async inject({ links, wait, kill, start }) {
      links.producerBroker.be("answers-lost");
      await wait(200, 1_500);
      await kill("producer");
      links.producerBroker.heal();
      await start("producer");
    },
  },
  {
    name: "producer-killed-after-confirm",
    async inject({ clinic, wait, kill, start }) {
      await whileLocked(clinic.producerSql, "outbox_archive", "EXCLUSIVE", async () => {
        await wait(200, 1_500);
        await kill("producer");
      });
      await start("producer");
    },
  },
  {
    name: "consumer-killed-before-commit",
    async inject({ clinic, wait, kill, start }) {
      await whileLocked(clinic.consumerSql, "audit_outcomes", "EXCLUSIVE", async () => {
        await wait(200, 1_500);
        await kill("consumer");
      });
      await start("consumer");
    },
  },
  {
    name: "consumer-killed-before-ack",
    async inject({ links, wait, kill, start }) {
      links.consumerBroker.be("requests-lost");
      await wait(200, 1_500);
      await kill("consumer");
      links.consumerBroker.heal();
      await start("consumer");
    },
  },
  {
    name: "consumer-killed-before-sent",
    times: 3,
    async inject({ clinic, wait, kill, start }) {
      await whileLocked(clinic.consumerSql, "sends", "EXCLUSIVE", async () => {
        await wait(200, 1_000);
        await kill("consumer");
      });
      await start("consumer");
    },
  },
  {
    name: "sealer-killed",
    async inject({ clinic, wait, kill, start }) {
      // The sealer has read what it chains, and has not written it.
      await whileLocked(clinic.consumerSql, "audit_chain", "EXCLUSIVE", async () => {
        await wait(600, 1_500);
        await kill("consumer");
      });
      await start("consumer");
    },
  },
  {
    name: "consumer-ended-politely",
    async inject({ service, wait, start }) {
      await service("consumer").stop("SIGTERM");
      await wait(0, 1_000);
      await start("consumer");
    },
  },
  { name: "rabbitmq-killed", times: 1, inject: ({ servers }) => servers.killAndStart("rabbitmq") },
  { name: "postgres-killed", inject: ({ servers }) => servers.killAndStart("postgres") },
  {
    name: "everything-killed",
    times: 1,
    async inject({ kill, start, servers }) {
      await Promise.all([kill("producer"), kill("consumer")]);
      await servers.killAndStart("postgres");
      await servers.killAndStart("rabbitmq");
      await Promise.all([start("producer"), start("consumer")]);
    },
  },
];
