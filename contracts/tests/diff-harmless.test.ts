import { describe, expect, it } from "vitest";
import { loadContract } from "../src/contract.ts";
import { changelogProblems } from "../src/diff/changelog.ts";
import { diffContracts } from "../src/diff/diff.ts";
import { versionProblems } from "../src/diff/version.ts";
import { createLocator } from "../src/locate.ts";
import { type Document, type Edit, edited, SMALL } from "./support/project.ts";

const before = { contract: loadContract(edited(() => {}, SMALL)), pacts: [] };

const payload = (producer: Document) => producer.components.schemas.ParcelSent.properties.payload.properties;

/** Gives what is under a key another one, in the same place. */
function rename(object: Document, from: string, to: string): void {
  for (const [key, value] of Object.entries(object)) {
    delete object[key];
    object[key === from ? to : key] = value;
  }
}

/** Follows the rename in every reference. */
function refer(document: Document, from: string, to: string): void {
  const renamed = JSON.stringify(document).replaceAll(`${from}"`, `${to}"`).replaceAll(`${from}/`, `${to}/`);
  Object.assign(document, JSON.parse(renamed));
}

const HARMLESS: Record<string, Edit> = {
  "a component is renamed": (producer) => {
    rename(producer.components.schemas, "Weight", "Grams");
    refer(producer, "/schemas/Weight", "/schemas/Grams");
  },
  "a message component is renamed": (producer, consumer) => {
    rename(producer.components.messages, "parcelSent", "sent");
    refer(producer, "/components/messages/parcelSent", "/components/messages/sent");
    refer(consumer, "/components/messages/parcelSent", "/components/messages/sent");
  },
  "a message has another key everywhere": (producer, consumer) => {
    rename(producer.channels.parcelSent.messages, "parcelSent", "sent");
    rename(consumer.channels.boardQueue.messages, "parcelSent", "sent");
    rename(consumer.operations.board["x-reads"], "parcelSent", "sent");
    refer(producer, "/channels/parcelSent/messages/parcelSent", "/channels/parcelSent/messages/sent");
    refer(consumer, "/boardQueue/messages/parcelSent", "/boardQueue/messages/sent");
  },
  "a $ref is inlined": (producer) => {
    payload(producer).weight = producer.components.schemas.Weight;
  },
  "a trait is inlined": (producer) => {
    const { messageTraits, messages } = producer.components;
    delete messages.parcelLost.traits;
    Object.assign(messages.parcelLost, messageTraits.event);
  },
  "an operation of the producer is renamed": ({ operations }) => rename(operations, "publishParcelSent", "send"),
  "a job is renamed": (_, { operations }) => rename(operations, "board", "screen"),
  "a channel of the producer is renamed": (producer, consumer) => {
    rename(producer.channels, "parcelSent", "sent");
    for (const document of [producer, consumer]) refer(document, "#/channels/parcelSent", "#/channels/sent");
  },
  "a channel of the consumer is renamed": (_, consumer) => {
    rename(consumer.channels, "boardQueue", "queue");
    refer(consumer, "#/channels/boardQueue", "#/channels/queue");
  },
  "a server takes its words from elsewhere": (producer) => {
    producer.servers.production.tags = [{ name: "amqp" }];
    producer.servers.production.externalDocs = { url: "https://example.org" };
  },
  "tags and contacts are added": (producer, consumer) => {
    producer.channels.parcelSent.tags = [{ name: "new" }];
    producer.components.messages.parcelSent.tags = [{ name: "new" }];
    for (const { info } of [producer, consumer]) {
      info.contact = { name: "Another" };
      info.tags = [{ name: "another" }];
    }
  },
  "a description is wrapped at another place": (producer) => {
    producer.info.description = "Says where\n  parcels are.\nAt least once.\n";
    producer.components.schemas.Weight.description = "With its\nbox.";
  },
};

const EQUIVALENT: Record<string, (weight: Document, fields: Document, producer: Document) => void> = {
  "a type in a list": (weight) => weight.type = ["integer"],
  "an exclusive limit among integers": (weight) => (delete weight.minimum, weight.exclusiveMinimum = 0),
  "a limit that is none": (_, { state }) => state.minLength = 0,
  "a limit of another type": (_, { state }) => state.maximum = 7,
  "allOf with one part": (weight, fields) => fields.weight = { allOf: [weight] },
  "allOf with a part for each keyword": (weight, fields) => {
    fields.weight = { allOf: Object.entries(weight).map(([keyword, value]) => ({ [keyword]: value })) };
  },
  "allOf with a looser limit beside": (weight, fields) => fields.weight = { ...weight, allOf: [{ maximum: 90000 }] },
  "anyOf with one part": (weight, fields) => fields.weight = { anyOf: [weight] },
  "an enumeration without its type": (_, { state }) => delete state.type,
  "an enumeration as a choice of constants": (_, fields) => {
    fields.state = { oneOf: fields.state.enum.map((value: string) => ({ const: value })) };
  },
  "a constant as an enumeration": (_, __, { components }) => {
    const { eventName } = components.schemas.ParcelSent.properties;
    eventName.enum = [eventName.const];
    delete eventName.const;
  },
  "open to undeclared fields, as it was": (_, __, { components }) => {
    components.schemas.ParcelSent.properties.payload.additionalProperties = {};
  },
  "fields split over allOf": (_, __, { components }) => {
    const { payload } = components.schemas.ParcelSent.properties;
    const { weight, ...properties } = payload.properties;
    components.schemas.ParcelSent.properties.payload = {
      allOf: [{ ...payload, required: ["receiver"], properties }, { required: ["weight"], properties: { weight } }],
    };
  },
  "repetitions allowed, as they were": (_, fields) => fields.receiver.uniqueItems = false,
  "not deprecated, as it was": (weight) => weight.deprecated = false,
};

const WITH_EQUIVALENT = Object.entries(EQUIVALENT).map(([what, edit]): [string, Edit] => [
  `an equivalent schema: ${what}`,
  (producer) => edit(producer.components.schemas.Weight, payload(producer), producer),
]);

describe("a harmless change is PATCH at most, and asks for nothing", () => {
  it.each([...Object.entries(HARMLESS), ...WITH_EQUIVALENT])("%s", (_, edit) => {
    const read = edited(edit, SMALL);
    const after = { contract: loadContract(read), pacts: [] };
    const changes = diffContracts(before, after);
    expect(changes.filter(({ verdict }) => verdict !== "PATCH")).toEqual([]);
    expect(versionProblems(before, after, changes)).toEqual([]);
    expect(changelogProblems(changes, [], createLocator(read))).toEqual([]);
  });
});
