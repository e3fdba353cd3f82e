import { beforeAll, describe, expect, test } from "vitest";
import { resolve, type Schema } from "../../site/load/documents.ts";
import { listCalls } from "../../site/load/curl.ts";
import type { Answer, ApiOperation, OpenApi } from "../../site/load/openapi.ts";
import { loadOpenApi } from "../../site/load/services.ts";
import { apiPages } from "../../site/pages/api/pages.tsx";
import { render, textOf } from "./site/render.ts";

const root = new URL("../../..", import.meta.url).pathname;
let api: OpenApi;
let operations: ApiOperation[];
let overview: string;
/** operationId → its part of the reference. */
let parts: Map<string, string>;

const answersOf = ({ responses }: ApiOperation) =>
  Object.entries(responses).map(([status, answer]) => [status, resolve<Answer>(api, answer)] as const);

/** Every property name of a schema, at any depth. */
function names(schema: Schema): string[] {
  const { properties = {}, items } = resolve<Schema>(api, schema);
  return [
    ...Object.entries(properties).flatMap(([name, property]) => [name, ...names(property)]),
    ...(items ? names(items) : []),
  ];
}

/** How often the tables of a part have a row for the field. */
const rows = (part: string, name: string) => part.split(`<code>${name}</code> <span`).length - 1;

beforeAll(async () => {
  api = await loadOpenApi(root);
  operations = listCalls(api).map(({ operation }) => operation);
  const pages = apiPages(api).map(render);
  overview = pages[0]!;
  parts = new Map(
    pages.slice(1).flatMap((html) =>
      html.split(/(?=<section class="operation")/).slice(1).map((part) =>
        [/ id="(\w+)"/.exec(part)![1]!, part] as const
      )
    ),
  );
});

describe("the REST reference", () => {
  test("has every operation", () => {
    expect([...parts.keys()].toSorted()).toEqual(operations.map(({ operationId }) => operationId).toSorted());
  });

  test("shows the fields of each request at any depth", () => {
    for (const { operationId, requestBody } of operations) {
      for (const { schema = {} } of Object.values(requestBody?.content ?? {})) {
        for (const name of names(schema)) {
          expect(rows(parts.get(operationId)!, name), `${operationId} ${name}`).toBeGreaterThan(0);
        }
      }
    }
    const doctor = parts.get("putDoctor")!;
    expect(rows(doctor, "weekday")).toBeGreaterThan(1); // in what is sent, and in what is answered
  });

  test("shows the fields of each answer at any depth", () => {
    for (const operation of operations) {
      for (const [status, { content = {} }] of answersOf(operation).filter(([status]) => status < "300")) {
        for (const { schema = {} } of Object.values(content)) {
          for (const name of names(schema)) {
            expect(rows(parts.get(operation.operationId)!, name), `${operation.operationId} ${status} ${name}`)
              .toBeGreaterThan(0);
          }
        }
      }
    }
    expect(rows(parts.get("listAppointments")!, "overbooked")).toBe(1);
  });

  test("shows the headers of each answer, of problems too", () => {
    const missing = operations.flatMap((operation) =>
      answersOf(operation).flatMap(([status, { headers = {} }]) =>
        Object.keys(headers).filter((name) => !parts.get(operation.operationId)!.includes(`<code>${name}</code>`))
          .map((name) => `${operation.operationId} ${status} ${name}`)
      )
    );
    expect(missing).toEqual([]);
    expect(textOf(parts.get("bookAppointment")!)).toMatch(
      /Location The address of what was created \/v1\/appointments\//,
    );
    expect(textOf(parts.get("bookAppointment")!)).toMatch(/Retry-After [\d, ]*429/);
  });

  test("names each problem with its status, and leads to its type", () => {
    for (const operation of operations) {
      const part = parts.get(operation.operationId)!;
      for (const [status, { content = {} }] of answersOf(operation)) {
        for (const code of Object.keys(content["application/problem+json"]?.examples ?? {})) {
          expect(textOf(part), operation.operationId).toContain(`${status} ${code} `);
          expect(part).toContain(`href="../api/index.html#problem-${code}"`);
          expect(overview).toContain(`<tr id="problem-${code}">`);
        }
      }
    }
    expect(textOf(overview)).toContain(
      "slot-unavailable 409 The doctor has another visit at that time /problems/slot-unavailable",
    );
  });

  test("describes the problem document itself, with what it has for each kind of problem", () => {
    const problem = overview.slice(overview.indexOf('id="problem-document"'));
    for (const name of names(api.components!.schemas!["Problem"]!)) {
      expect(rows(problem, name), name).toBeGreaterThan(0);
    }
    expect(rows(problem, "pointer")).toBe(1);
  });
});
