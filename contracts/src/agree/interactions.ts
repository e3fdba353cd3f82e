import type { Job, SentEvent } from "../contract.ts";
import type { Problem } from "../finding.ts";
import { at, entriesAt, isObject, type Json, type JsonObject, objectAt, type Path, textAt } from "../json.ts";
import { expectedFields, type Interaction, type MatchingRule, type Pact } from "../pacts.ts";
import { closed, violations } from "../schema-validator.ts";
import { ENVELOPE } from "../project.ts";
import { accepts } from "./matchers.ts";
import { ruleFor } from "./matching-rules.ts";
import { samples } from "./samples.ts";

/** What an interaction of a pact expects that the producer's document does not promise. */
export function interactionProblems(pact: Pact, interaction: Interaction, event: SentEvent, job: Job): Problem[] {
  const problem = (path: Path, reason: string): Problem => ({
    document: pact.file,
    path: [...interaction.path, ...path],
    reason,
  });
  const content = ["contents", "content"];
  return [
    ...neverSent(event.payload, interaction.content).map(({ path, reason }) => problem([...content, ...path], reason)),
    ...narrower(interaction, event.payload).map(({ path, reason }) => problem([...content, ...path], reason)),
    ...expectedFields(interaction)
      .filter((field) => !ENVELOPE.includes(field) && !job.reads[event.id]?.includes(field))
      .map((field) =>
        problem([...content, ...field.split(".")], `is not in the x-reads of ${job.name} for ${event.id}`)
      ),
    ...metadataProblems(interaction, event).map(({ path, reason }) => problem(path, reason)),
  ];
}

interface Found {
  path: Path;
  reason: string;
}

/** An undeclared field, or an example value that the producer's schema refuses. What is left out does not matter. */
function neverSent(schema: JsonObject, content: Json): Found[] {
  return violations(withoutObligations(closed(schema)), content)
    .map(({ path, reason }) => ({ path, reason: `${reason}: the producer never sends this` }));
}

function withoutObligations({ required: _required, minProperties: _minimum, ...schema }: JsonObject): JsonObject {
  const inside = (value: Json): Json => isObject(value) ? withoutObligations(value) : value;
  return {
    ...schema,
    ...(isObject(schema.properties)
      ? {
        properties: Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, inside(value)])),
      }
      : {}),
    ...(schema.items === undefined ? {} : { items: inside(schema.items) }),
  };
}

/** A matcher, or a fixed value, that refuses something which the schema allows. */
function narrower({ bodyRules, content }: Interaction, schema: JsonObject): Found[] {
  const walk = (value: Json, part: JsonObject, path: Path): Found[] => {
    if (isObject(value)) {
      return Object.entries(value).flatMap(([key, field]) => {
        const described = at(part, "properties", key);
        return isObject(described) ? walk(field, described, [...path, key]) : [];
      });
    }
    const found = refusal(ruleFor(bodyRules, path), value, part);
    const items = Array.isArray(value) ? value : [];
    return [
      ...(found === undefined ? [] : [{ path, reason: found }]),
      ...items.flatMap((item, index) => walk(item, objectAt(part, "items"), [...path, index])),
    ];
  };
  return walk(content, schema, []);
}

function refusal(rule: MatchingRule | undefined, expected: Json, schema: JsonObject): string | undefined {
  try {
    const refused = samples(schema).find((sample) => !accepts(rule, expected, sample));
    if (refused === undefined) return undefined;
    const what = rule === undefined ? `expects exactly ${brief(expected)}` : `matches ${brief(rule.matchers)} only`;
    return `${what}: narrower than the schema, which allows ${brief(refused)}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function brief(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** Exchange, routing key and content type as the documents say; everything else is a header and must be declared. */
function metadataProblems({ metadata, contentType }: Interaction, event: SentEvent): Found[] {
  const promised: Record<string, string> = {
    contentType: textAt(event.message, "contentType"),
    exchange: textAt(event.exchange, "name"),
    routingKey: event.routingKey,
  };
  const wrong = Object.entries(promised)
    .filter(([key, value]) => metadata[key] !== value)
    .map(([key, value]) => ({
      path: ["metadata", key],
      reason: `is ${JSON.stringify(metadata[key] ?? null)}, the documents say ${JSON.stringify(value)}`,
    }));
  if (contentType !== promised.contentType) {
    wrong.push({
      path: ["contents", "contentType"],
      reason: `is ${contentType}, the documents say ${promised.contentType}`,
    });
  }
  const headers = entriesAt(metadata).filter(([key]) => !(key in promised)).flatMap(([key, value]) => {
    const declared = at(event.headers, "properties", key);
    if (!isObject(declared)) return [{ path: ["metadata", key], reason: "is a header that no message trait declares" }];
    return violations(declared, value).map(({ reason }) => ({ path: ["metadata", key], reason }));
  });
  return [...wrong, ...headers];
}
