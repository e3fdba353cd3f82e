import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A JSON Schema node of an AsyncAPI or OpenAPI document; `$ref` points inside the document. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  "x-personal-data"?: boolean;
}

interface Ref {
  $ref: string;
}

export interface Example {
  name: string;
  summary?: string;
  headers?: Record<string, unknown>;
  payload: Record<string, unknown>;
}

export interface Message {
  name: string;
  title: string;
  summary: string;
  contentType?: string;
  correlationId?: { location: string; description?: string };
  headers?: Schema;
  payload: Schema;
  examples: Example[];
  bindings?: { amqp?: { contentEncoding?: string; messageType?: string } };
}

/** The AMQP binding of an operation, 0.3.0. */
export interface OperationBinding {
  deliveryMode?: 1 | 2;
  priority?: number;
  expiration?: number;
  replyTo?: string;
  timestamp?: boolean;
  mandatory?: boolean;
}

export interface Exchange {
  name: string;
  type: string;
  durable: boolean;
  autoDelete: boolean;
}

/** `x-rabbitmq` on a queue's channel: contracts/schemas/x-rabbitmq.schema.json. */
export interface QueueSettings {
  stem: string;
  bindings: { exchange: string; routingKey: string }[];
  arguments: Record<string, string | number>;
  deadLetter: {
    exchange: string;
    queue: string;
    routingKey: string;
    arguments: Record<string, string | number>;
  };
  retry: { exchange: string; delays: string[] };
}

interface Channel {
  address: string;
  title: string;
  messages: Record<string, Ref>;
  bindings: { amqp: { exchange?: Exchange; queue?: { name: string } } };
  "x-rabbitmq"?: QueueSettings;
}

interface Operation {
  action: "send" | "receive";
  title: string;
  summary: string;
  channel: Ref;
  messages: Ref[];
  bindings?: { amqp?: OperationBinding };
  "x-reads"?: Record<string, string[]>;
}

export interface Document {
  info: { title: string; version: string; description: string };
  defaultContentType?: string;
  channels: Record<string, Channel>;
  operations: Record<string, Operation>;
  components: {
    messages: Record<string, Message>;
    schemas: Record<string, Schema>;
  };
  "x-rabbitmq"?: { exchanges: { deadLetter: Exchange; retry: Exchange } };
}

/** The effective documents that the services carry: traits applied, nothing outside the file. */
export async function loadDocuments(
  root: string,
): Promise<{ producer: Document; consumer: Document }> {
  const load = async (service: string): Promise<Document> =>
    JSON.parse(
      await readFile(
        join(root, service, "src/generated/asyncapi.json"),
        "utf8",
      ),
    );
  return { producer: await load("producer"), consumer: await load("consumer") };
}

/** Follows `$ref`s inside a document until something else comes. */
export function resolve<T extends object>(document: object, node: T | Ref): T {
  let current: unknown = node;
  while (
    current && typeof current === "object" && "$ref" in current &&
    typeof current.$ref === "string"
  ) {
    current = current.$ref.slice(2).split("/").reduce<unknown>(
      (value, part) =>
        (value as Record<string, unknown>)[
          part.replaceAll("~1", "/").replaceAll("~0", "~")
        ],
      document,
    );
  }
  if (!current) throw new Error(`Cannot resolve ${JSON.stringify(node)}`);
  return current as T;
}

/** The last part of a local reference: the key of the message, channel or schema it names. */
export function refKey(ref: Ref): string {
  return ref.$ref.slice(ref.$ref.lastIndexOf("/") + 1);
}
