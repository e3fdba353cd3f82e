import type { Fault } from "../fault.ts";
import type { LinkName } from "../scene.ts";

const databases: LinkName[] = ["producerDatabase", "consumerDatabase"];
const brokers: LinkName[] = ["producerBroker", "consumerBroker"];
const outgoing: LinkName[] = ["mail", "sms"];

/** In the way of one connection after the other, or of several at once. */
export const network: Fault[] = [
  {
    name: "silent-databases",
    times: 1,
    async inject({ links, wait, random }) {
      const chosen = random() < 0.3 ? databases : [databases[Math.floor(random() * 2)]!];
      for (const name of chosen) links[name].be("silent");
      await wait(2_000, 12_000);
      for (const name of chosen) links[name].heal();
    },
  },
  {
    name: "silent-broker",
    times: 1,
    async inject({ links, wait }) {
      for (const name of brokers) links[name].be("silent");
      await wait(2_000, 8_000);
      for (const name of brokers) links[name].heal();
    },
  },
  {
    name: "half-open-databases",
    times: 1,
    async inject({ links, wait }) {
      for (const name of databases) links[name].halfOpen();
      await wait(500, 1_500);
    },
  },
  {
    name: "half-open-brokers",
    times: 1,
    async inject({ links, wait }) {
      for (const name of brokers) links[name].halfOpen();
      await wait(500, 1_500);
    },
  },
  {
    name: "requests-lost",
    async inject({ links, wait }) {
      for (const name of brokers) links[name].be("requests-lost");
      await wait(500, 1_500);
      for (const name of brokers) links[name].heal();
    },
  },
  {
    // Longer than a confirm is waited for.
    name: "requests-lost-for-long",
    async inject({ links, wait }) {
      for (const name of brokers) links[name].be("requests-lost");
      await wait(6_000, 8_000);
      for (const name of brokers) links[name].heal();
    },
  },
  {
    name: "cut-before-confirm",
    times: 3,
    async inject({ links, wait }) {
      for (const name of brokers) links[name].be("cut-before-answer");
      await wait(300, 1_000);
      for (const name of brokers) links[name].heal();
    },
  },
  {
    name: "cut-before-commit-is-told",
    times: 3,
    async inject({ links, wait }) {
      for (const name of databases) links[name].be("cut-before-answer");
      await wait(100, 600);
      for (const name of databases) links[name].heal();
    },
  },
  {
    // What was asked is done, and whoever asked does not know.
    name: "api-answers-cut",
    times: 3,
    async inject({ links, wait }) {
      links.api.be("cut-before-answer");
      await wait(300, 1_000);
      links.api.heal();
    },
  },
  {
    name: "connections-cut",
    times: 5,
    async inject({ links, wait }) {
      for (const name of [...databases, ...brokers, ...outgoing]) links[name].cut();
      await wait(100, 500);
    },
  },
  {
    name: "mail-server-silent",
    times: 1,
    async inject({ links, wait }) {
      for (const name of outgoing) links[name].be("silent");
      await wait(1_000, 5_000);
      for (const name of outgoing) links[name].heal();
    },
  },
  {
    // What was claimed and never handed over has to be told to a person.
    name: "mail-server-silent-and-consumer-killed",
    async inject({ links, wait, kill, start }) {
      for (const name of outgoing) links[name].be("silent");
      await wait(1_000, 3_000);
      await kill("consumer");
      for (const name of outgoing) links[name].heal();
      await start("consumer");
    },
  },
];
