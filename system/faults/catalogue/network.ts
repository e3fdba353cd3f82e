import type { Fault } from "../fault.ts";
import type { LinkMode } from "../link.ts";
import type { LinkName } from "../scene.ts";

const databases: LinkName[] = ["producerDatabase", "consumerDatabase"];
const brokers: LinkName[] = ["producerBroker", "consumerBroker"];
const outgoing: LinkName[] = ["mail", "sms"];

/** All of these connections behave like that for a random time between two, in milliseconds. */
function whileAll(names: LinkName[], how: LinkMode, minMs: number, maxMs: number): Fault["inject"] {
  return async ({ links, wait }) => {
    for (const name of names) links[name].be(how);
    await wait(minMs, maxMs);
    for (const name of names) links[name].heal();
  };
}

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
    inject: whileAll(brokers, "silent", 2_000, 8_000),
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
    inject: whileAll(brokers, "requests-lost", 500, 1_500),
  },
  {
    // Longer than a confirm is waited for.
    name: "requests-lost-for-long",
    inject: whileAll(brokers, "requests-lost", 6_000, 8_000),
  },
  {
    name: "cut-before-confirm",
    times: 3,
    inject: whileAll(brokers, "cut-before-answer", 300, 1_000),
  },
  {
    name: "cut-before-commit-is-told",
    times: 3,
    inject: whileAll(databases, "cut-before-answer", 100, 600),
  },
  {
    // What was asked is done, and whoever asked does not know.
    name: "api-answers-cut",
    times: 3,
    inject: whileAll(["api"], "cut-before-answer", 300, 1_000),
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
    inject: whileAll(outgoing, "silent", 1_000, 5_000),
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
