import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Document, Schema } from "./documents.ts";
import type { Model } from "./model.ts";
import type { OpenApi } from "./openapi.ts";

export const openApiFile = "downloads/openapi.json";
export const asyncApiFile = (service: string) => `downloads/asyncapi-${service}.json`;
export const schemaFile = (event: string) => `downloads/${event}.schema.json`;

/** What programs read: path in the site → text. */
export type Downloads = ReadonlyMap<string, string>;

const asText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** Both kinds of documents as the services carry them, and a JSON Schema of each event's body. */
export async function loadDownloads(root: string, model: Model, api: OpenApi): Promise<Downloads> {
  const asyncApi = async (service: string): Promise<[string, string]> => [
    asyncApiFile(service),
    await readFile(join(root, service, "src/generated/asyncapi.json"), "utf8"),
  ];
  return new Map([
    [openApiFile, asText(api)],
    await asyncApi("producer"),
    await asyncApi("consumer"),
    ...model.events.map(({ name, message }): [string, string] => [
      schemaFile(name),
      asText(
        schemaOf(model.producer, {
          title: name,
          description: message.summary,
          schema: anyVersion(model.producer, name) ?? message.payload,
        }),
      ),
    ]),
  ]);
}

/** Of an event that has several versions a body may be of any of them. */
function anyVersion({ components }: Document, event: string): Schema | undefined {
  const versions = Object.values(components.messages).filter(({ name }) => name === event);
  return versions.length > 1 ? { anyOf: versions.map(({ payload }) => payload) } : undefined;
}

/** A schema that stands alone: what it refers to goes along. */
function schemaOf(
  document: Document,
  { title, description, schema }: Record<"title" | "description", string> & { schema: Schema },
) {
  const definitions: Record<string, unknown> = {};

  function copy(node: unknown): unknown {
    if (Array.isArray(node)) return node.map(copy);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node)
        // A validator in strict mode refuses keywords that it does not know.
        .filter(([keyword]) => !keyword.startsWith("x-"))
        .map(([keyword, value]) => [keyword, keyword === "$ref" ? refer(String(value)) : copy(value)]),
    );
  }

  function refer(reference: string): string {
    const name = reference.slice(reference.lastIndexOf("/") + 1);
    if (!(name in definitions)) {
      definitions[name] = {}; // found again within itself
      definitions[name] = copy(document.components.schemas[name]);
    }
    return `#/$defs/${name}`;
  }

  const body = copy(schema) as object;
  const $defs = Object.fromEntries(Object.entries(definitions).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { $schema: "https://json-schema.org/draft/2020-12/schema", title, description, ...body, $defs };
}
