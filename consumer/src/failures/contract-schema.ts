import { readFileSync } from "node:fs";
import type { ValidateFunction } from "ajv";
import { isDate, isDateTime, isEmail, isUuid } from "../formats.ts";

/** As much of JSON Schema as is walked here. */
interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  const?: unknown;
  "x-personal-data"?: boolean;
}

interface Contract {
  components: { schemas: Record<string, Schema> };
}

const contract: Contract = JSON.parse(readFileSync(new URL("../generated/asyncapi.json", import.meta.url), "utf8"));
const compiled = new Map<string, ValidateFunction>();

function nameOf(body: unknown): string | undefined {
  const { eventName, version } = (body ?? {}) as Record<string, unknown>;
  if (typeof eventName !== "string") return undefined;
  return Object.entries(contract.components.schemas).find(([, { properties }]) =>
    properties?.["eventName"]?.const === eventName && properties?.["version"]?.const === version
  )?.[0];
}

/** What an event lacks of the whole schema of the contract: more than any one job reads. Values are not quoted. */
export async function contractProblems(body: unknown): Promise<string[]> {
  const name = nameOf(body);
  if (name === undefined) return ["eventName and version are none of the contract's"];
  let validate = compiled.get(name);
  if (!validate) {
    // Only whoever edits a message needs it.
    const { Ajv } = await import("ajv");
    const ajv = new Ajv({ strict: false, allErrors: true });
    for (
      const [format, is] of Object.entries({ date: isDate, "date-time": isDateTime, email: isEmail, uuid: isUuid })
    ) {
      ajv.addFormat(format, is);
    }
    validate = ajv.compile({ components: contract.components, $ref: `#/components/schemas/${name}` });
    compiled.set(name, validate);
  }
  if (validate(body)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) =>
    `${instancePath.slice(1).replaceAll("/", ".") || "body"}: ${message}`
  );
}

function resolve(schema: Schema): Schema {
  const name = schema.$ref?.split("/").at(-1);
  return name === undefined ? schema : { ...contract.components.schemas[name], ...schema, $ref: undefined as never };
}

function holdsPersonal(value: unknown, schema: Schema | undefined): boolean {
  // What no schema tells of may be anything.
  if (schema === undefined) return true;
  const { properties, items, "x-personal-data": personal } = resolve(schema);
  if (personal) return true;
  if (Array.isArray(value)) return value.some((item) => holdsPersonal(item, items));
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([name, member]) => holdsPersonal(member, properties?.[name]));
}

/** Whether a body tells anything of a patient, or anything that the contract doesn't know. */
export function isPersonal(body: unknown): boolean {
  const name = nameOf(body);
  return name === undefined || holdsPersonal(body, contract.components.schemas[name]);
}

/** A place in an event that the contract knows. */
export interface Field {
  /** It identifies a patient, or a doctor. */
  isPersonal: boolean;
  member(name: string): Field | undefined;
  item(): Field | undefined;
}

/** A doctor is a person, too, though patients know them by these. */
const ofDoctors = new Set(["name", "email", "phone"]);

function fieldOf(schema: Schema, isDoctor: boolean, name: string): Field {
  const { properties, items, "x-personal-data": personal } = resolve(schema);
  const below = (found: Schema | undefined, name: string) => found && fieldOf(found, isDoctor, name);
  return {
    isPersonal: personal === true || isDoctor && ofDoctors.has(name),
    member: (name) => below(properties?.[name], name),
    item: () => below(items, name),
  };
}

/** The event of this body by the contract; undefined where it knows none of its name and version. */
export function fieldAt(body: unknown): Field | undefined {
  const name = nameOf(body);
  return name === undefined ? undefined : fieldOf(contract.components.schemas[name]!, name === "DoctorUpdated", "");
}
