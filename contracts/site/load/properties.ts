import type { Document, Message, OperationBinding } from "./documents.ts";
import type { Golden } from "./releases.ts";

/** An AMQP property of a message. */
export interface Property {
  /** AMQP's name: `content_type`. */
  name: string;
  /** What the effective document says, or what all captured messages have in common. */
  value: string;
  /** False where the document has no place for it, so that only the captured messages tell. */
  declared: boolean;
  captured: string | undefined;
}

const amqpName = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** `$message.payload#/correlationId` → the body's `correlationId`. */
function placeOf(location: string): string {
  const [source = "", pointer = ""] = location.split("#");
  const field = pointer.slice(1).replaceAll("/", ".");
  return `${source.endsWith(".header") ? "the header" : "the body's"} \`${field}\``;
}

/** What a property is on every captured message: a field of the body, a moment of it, or always the same. */
function inCommon(name: string, messages: Golden["messages"]): string | undefined {
  const [first] = messages;
  if (!first) return undefined;
  const everywhere = (expected: (body: Record<string, unknown>) => unknown) =>
    messages.every(({ properties, body }) => properties[name] === expected(body));
  const field = Object.keys(first.body).find((key) => key !== "eventName" && everywhere((body) => body[key]));
  if (field) return `the body's \`${field}\``;
  const moment = (body: Record<string, unknown>) => Math.floor(Date.parse(String(body.timestamp)) / 1000);
  if (everywhere(moment)) return "the body's `timestamp`, in whole seconds";
  return everywhere(() => first.properties[name]) ? `\`${first.properties[name]}\`` : undefined;
}

/** The properties of a message: by the document with its traits applied, and by what a release really published. */
export function listProperties(
  document: Pick<Document, "defaultContentType">,
  message: Omit<Message, "payload" | "examples">,
  operation: OperationBinding,
  golden: Golden | undefined,
): Property[] {
  const { contentEncoding, messageType } = message.bindings?.amqp ?? {};
  const { deliveryMode } = operation;
  const contentType = message.contentType ?? document.defaultContentType;
  const declared: [string, string | undefined][] = [
    ["contentType", contentType && `\`${contentType}\``],
    ["contentEncoding", contentEncoding && `\`${contentEncoding}\``],
    ["type", messageType && `\`${messageType}\``],
    ["deliveryMode", deliveryMode && `\`${deliveryMode}\`, ${deliveryMode === 2 ? "persistent" : "transient"}`],
    ["priority", operation.priority === undefined ? undefined : `\`${operation.priority}\``],
    ["expiration", operation.expiration === undefined ? undefined : `\`${operation.expiration}\` ms`],
    ["correlationId", message.correlationId && placeOf(message.correlationId.location)],
    ["replyTo", operation.replyTo && `\`${operation.replyTo}\``],
    [
      "timestamp",
      operation.timestamp ? inCommon("timestamp", golden?.messages ?? []) ?? "when it was sent" : undefined,
    ],
  ];
  const said = declared.flatMap(([name, value]) => value ? [{ name, value, declared: true }] : []);
  const seen = Object.keys(golden?.shown.properties ?? {})
    .filter((name) => name !== "headers" && !said.some((property) => property.name === name))
    .flatMap((name) => {
      const value = inCommon(name, golden?.messages ?? []);
      return value ? [{ name, value, declared: false }] : [];
    });
  return [...said, ...seen].map(({ name, ...property }) => {
    const captured = golden?.shown.properties[name];
    return { ...property, name: amqpName(name), captured: captured === undefined ? undefined : String(captured) };
  });
}
