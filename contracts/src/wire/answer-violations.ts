import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { OPENAPI_DOCUMENT } from "../client-types.ts";
import { apiOperations } from "../diff/http/api.ts";
import { entriesAt, isObject, type Json, objectAt, pointer } from "../json.ts";
import { violations } from "../schema-validator.ts";
import type { WireViolation } from "./wire-violations.ts";

/** Told of each answer of the producer. */
export type SeeAnswer = (method: string, path: string, answer: { status: number; text: string }) => void;

export interface AnswerCheck {
  see: SeeAnswer;
  /** What the answers so far have that the API's description has not, or the other way about; each once. */
  violations(): WireViolation[];
}

/** Holds what the producer answers against its OpenAPI document, as it stands in the project. */
export function createAnswerCheck(root: string): AnswerCheck {
  const file = join(root, OPENAPI_DOCUMENT);
  const operations = existsSync(file) ? apiOperations(JSON.parse(readFileSync(file, "utf8"))) : [];
  const found = new Map<string, WireViolation>();
  const report = (reason: string, ...path: string[]) => found.set(reason, { pointer: pointer(path), reason });
  return {
    see(method, url, { status, text }) {
      if (operations.length === 0) return;
      const pathname = new URL(url, "http://localhost").pathname;
      const operation = operations.find((one) => one.method === method.toLowerCase() && matches(one.path, pathname));
      if (operation === undefined) return void report(`${method} ${pathname} is answered, but not described`, "paths");
      const { name, path } = operation;
      const response = objectAt(operation.operation, "responses", String(status));
      if (Object.keys(response).length === 0) {
        return void report(`${name} answers ${status}, which is not described`, "paths", path, operation.method);
      }
      for (const [type, media] of entriesAt(response, "content")) {
        const place = ["paths", path, operation.method, "responses", String(status), "content", type, "schema"];
        const body = parse(text);
        const schema = isObject(media) ? objectAt(media.schema) : {};
        for (const { path: where, reason } of violations(schema, body)) {
          report(
            `${name} answers ${status} in which ${pointer(where.map(anyIndex)) || "the body"} ${reason}`,
            ...place,
          );
        }
      }
    },
    violations: () => [...found.values()],
  };
}

/** `/v1/doctors/{id}` takes `/v1/doctors/dr-1`. */
function matches(template: string, path: string): boolean {
  const [expected, given] = [template.split("/"), path.split("/")];
  return expected.length === given.length &&
    expected.every((part, index) => part.startsWith("{") || part === given[index]);
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function anyIndex(key: string | number): string {
  return /^\d+$/.test(String(key)) ? "*" : String(key);
}
