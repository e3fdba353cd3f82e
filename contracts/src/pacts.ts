import { arrayAt, at, entriesAt, isObject, type Json, type JsonObject, objectAt, type Path, textAt } from "./json.ts";
import type { PactFiles } from "./pact-files.ts";
import { PAYLOAD, project } from "./project.ts";

export const PROVIDER = project.pacts.provider;

export interface Pact {
  file: string;
  consumer: string;
  provider: string;
  /** `audit` for `appointment-audit`. */
  job: string;
  interactions: Interaction[];
}

/** A pact with requests and their answers. */
export interface HttpPact {
  consumer: string;
  interactions: { method: string; path: string; answer: Json | undefined }[];
}

export function parseHttpPacts(files: PactFiles): HttpPact[] {
  return [...files.values()].map((text) => {
    const pact: Json = JSON.parse(text);
    return {
      consumer: textAt(pact, "consumer", "name"),
      interactions: arrayAt(pact, "interactions").filter(isHttp).map((interaction) => ({
        method: textAt(interaction, "request", "method").toLowerCase(),
        path: textAt(interaction, "request", "path"),
        answer: at(interaction, "response", "body", "content"),
      })),
    };
  }).filter(({ interactions }) => interactions.length > 0);
}

function isHttp(interaction: Json): boolean {
  return textAt(interaction, "type") === "Synchronous/HTTP";
}

/** One asynchronous message of a Pact V4 file. */
export interface Interaction {
  /** Where it is in its file. */
  path: Path;
  description: string;
  eventName: string;
  version: number;
  content: Json;
  contentType: string;
  metadata: JsonObject;
  /** Path expression, such as `$.payload.doctorId` → its matchers. */
  bodyRules: Record<string, MatchingRule>;
  metadataRules: Record<string, MatchingRule>;
}

export interface MatchingRule {
  matchers: JsonObject[];
  combine: "AND" | "OR";
}

/** The pacts of the jobs: those whose interactions are messages. */
export function parsePacts(files: PactFiles, folder = project.pacts.folder): Pact[] {
  const parsed = [...files].map(([name, text]): [string, Json] => [name, JSON.parse(text)]);
  return parsed.filter(([, pact]) => !arrayAt(pact, "interactions").some(isHttp)).map(([name, pact]) => {
    const consumer = textAt(pact, "consumer", "name");
    return {
      file: `${folder}/${name}`,
      consumer,
      provider: textAt(pact, "provider", "name"),
      job: jobOf(consumer),
      interactions: arrayAt(pact, "interactions").map((interaction, index) =>
        parse(interaction, ["interactions", index])
      ),
    };
  });
}

function jobOf(consumer: string): string {
  const { consumerPrefix } = project.pacts;
  return consumer.startsWith(consumerPrefix) ? consumer.slice(consumerPrefix.length) : consumer;
}

function parse(interaction: Json, path: Path): Interaction {
  const { envelope } = project;
  const content = at(interaction, "contents", "content") ?? null;
  return {
    path,
    description: textAt(interaction, "description"),
    eventName: envelope ? textAt(content, envelope.name) : textAt(interaction, "metadata", "routingKey"),
    version: Number(envelope && at(content, envelope.version) || 1),
    content,
    contentType: textAt(interaction, "contents", "contentType"),
    metadata: objectAt(interaction, "metadata"),
    bodyRules: rules(interaction, "body"),
    metadataRules: rules(interaction, "metadata"),
  };
}

function rules(interaction: Json, part: string): Record<string, MatchingRule> {
  return Object.fromEntries(
    entriesAt(interaction, "matchingRules", part).map(([expression, rule]) => [expression, {
      matchers: arrayAt(rule, "matchers").filter(isObject),
      combine: at(rule, "combine") === "OR" ? "OR" : "AND",
    }]),
  );
}

/** The fields that a pact's interaction expects, as x-reads names them. */
export function expectedFields({ content }: Interaction): string[] {
  return [
    ...Object.keys(objectAt(content)).filter((field) => field !== PAYLOAD),
    ...(PAYLOAD === undefined ? [] : Object.keys(objectAt(content, PAYLOAD)).map((field) => `${PAYLOAD}.${field}`)),
  ];
}

/** The same at any depth, as the schema's fields are named: `payload.workingHours[*].start`. */
export function expectedPlaces({ content }: Interaction): Set<string> {
  return new Set(placesIn(content, ""));
}

function placesIn(value: Json, place: string): string[] {
  const inside = Array.isArray(value)
    ? value.flatMap((item) => placesIn(item, `${place}[*]`))
    : Object.entries(objectAt(value)).flatMap(([key, inner]) =>
      placesIn(inner, place === "" ? key : `${place}.${key}`)
    );
  return place === "" ? inside : [place, ...inside];
}
