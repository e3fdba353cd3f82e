import { describe, expect, it } from "vitest";
import { apiChanges } from "../src/diff/http/api-changes.ts";
import { createCallers } from "../src/diff/http/callers.ts";
import type { Verdict } from "../src/diff/change.ts";
import { DocumentError } from "../src/finding.ts";
import { pointer } from "../src/json.ts";
import { documentEdits } from "./support/document-edits.ts";
import type { Document } from "./support/project.ts";

const API = {
  openapi: "3.1.0",
  info: { title: "Parcels", version: "1.0.0", description: "Says where parcels are." },
  security: [{ key: [] }],
  components: {
    securitySchemes: { key: { type: "apiKey", in: "header", name: "x-api-key" } },
    schemas: {
      Parcel: {
        type: "object",
        required: ["id", "version", "sentAt"],
        additionalProperties: false,
        properties: {
          id: { type: "string" },
          version: { type: "integer", minimum: 1 },
          sentAt: { type: "string", format: "date-time", description: "When it left." },
          note: { type: "string", maxLength: 20 },
        },
      },
    },
  },
  paths: {
    "/parcels": {
      get: {
        operationId: "listParcels",
        summary: "List parcels",
        parameters: [{ name: "limit", in: "query", schema: { type: "integer", maximum: 50, default: 10 } }],
        responses: {
          200: {
            description: "A page",
            headers: { Link: { schema: { type: "string" } } },
            content: {
              "application/json": {
                schema: {
                  type: "object",
                  required: ["items"],
                  properties: { items: { type: "array", items: { $ref: "#/components/schemas/Parcel" } } },
                },
              },
            },
          },
          400: { description: "Not understood" },
        },
      },
      post: {
        operationId: "sendParcel",
        requestBody: {
          required: true,
          content: {
            "application/json": {
              schema: {
                type: "object",
                required: ["receiver"],
                properties: { receiver: { type: "string", maxLength: 50 }, note: { type: "string" } },
              },
            },
          },
        },
        responses: { 201: { description: "Sent" } },
      },
    },
  },
};

const callers = createCallers([{
  consumer: "parcel-board",
  interactions: [{ method: "get", path: "/parcels", answer: { items: [{ id: "p", version: 1 }] } }],
}]);

function changesBy(edit: (api: Document) => void) {
  const after = structuredClone(API);
  edit(after);
  return apiChanges(API, after, callers);
}

const parcel = (api: Document) => api.components.schemas.Parcel;
const list = (api: Document) => api.paths["/parcels"].get;
const body = (api: Document) => api.paths["/parcels"].post.requestBody.content["application/json"].schema;

const ROWS: [what: string, verdict: Verdict, says: RegExp, edit: (api: Document) => void, breaks?: string[]][] = [
  ["an answer renames a field", "MAJOR", /items\[\*\]\.version removed/, (api) => {
    parcel(api).properties.revision = parcel(api).properties.version;
    delete parcel(api).properties.version;
    parcel(api).required = ["id", "revision", "sentAt"];
  }, ["parcel-board"]],
  ["an answer gives a number as text", "MAJOR", /items\[\*\]\.version type integer → string/, (api) => {
    parcel(api).properties.version.type = "string";
  }, ["parcel-board"]],
  ["an answer leaves out what nobody's pact expects", "MAJOR", /items\[\*\]\.sentAt removed/, (api) => {
    delete parcel(api).properties.sentAt;
    parcel(api).required.pop();
  }, []],
  ["an answer need not have a field", "MAJOR", /sentAt no longer required/, (api) => parcel(api).required.pop(), []],
  ["an answer has a field more", "MINOR", /items\[\*\]\.weight added, required/, (api) => {
    parcel(api).properties.weight = { type: "integer" };
    parcel(api).required.push("weight");
  }],
  ["an answer always has a field", "MINOR", /note now required/, (api) => parcel(api).required.push("note")],
  [
    "a field of a request is shorter",
    "MAJOR",
    /receiver maxLength 50 → 40/,
    (api) => body(api).properties.receiver.maxLength = 40,
  ],
  [
    "a field of a request is longer",
    "MINOR",
    /receiver maxLength 50 → 60/,
    (api) => body(api).properties.receiver.maxLength = 60,
  ],
  ["a field of a request is needed", "MAJOR", /note now required/, (api) => body(api).required.push("note")],
  [
    "a field of a request is not known any more",
    "MAJOR",
    /note removed, was optional/,
    (api) => delete body(api).properties.note,
  ],
  [
    "a request may say more",
    "MINOR",
    /weight added, optional/,
    (api) => body(api).properties.weight = { type: "integer" },
  ],
  [
    "a parameter more",
    "MINOR",
    /query parameter to added/,
    (api) => list(api).parameters.push({ name: "to", in: "query" }),
  ],
  ["a parameter that has to be there", "MAJOR", /query parameter to added/, (api) => {
    list(api).parameters.push({ name: "to", in: "query", required: true });
  }],
  ["a parameter less", "MAJOR", /query parameter limit removed/, (api) => list(api).parameters.pop()],
  [
    "a tighter parameter",
    "MAJOR",
    /limit as a whole maximum 50 → 20/,
    (api) => list(api).parameters[0].schema.maximum = 20,
  ],
  ["an operation less", "MAJOR", /GET \/parcels removed/, (api) => delete api.paths["/parcels"].get, ["parcel-board"]],
  ["an operation more", "MINOR", /DELETE \/parcels added/, (api) => api.paths["/parcels"].delete = { responses: {} }],
  ["another success", "MAJOR", /202 added/, (api) => list(api).responses[202] = { description: "Later" }],
  ["another problem", "MINOR", /409 added/, (api) => list(api).responses[409] = { description: "Taken" }],
  ["a header less", "MAJOR", /header Link removed/, (api) => delete list(api).responses[200].headers.Link],
  ["a scope that was not needed", "MAJOR", /security/, (api) => list(api).security = [{ key: ["read"] }]],
  [
    "another default",
    "PATCH",
    /limit as a whole default 10 → 20/,
    (api) => list(api).parameters[0].schema.default = 20,
  ],
  [
    "another meaning of a field",
    "PATCH",
    /sentAt described differently/,
    (api) => parcel(api).properties.sentAt.description = "x",
  ],
];

describe("what a changed API means to who calls it", () => {
  it.each(ROWS)("%s: %s", (_, verdict, says, edit, breaks) => {
    const changes = changesBy(edit);
    const said = changes.find(({ what }) => says.test(what));
    expect(said?.verdict, changes.map(({ what }) => what).join("\n")).toBe(verdict);
    if (breaks !== undefined) expect(said?.breaks.map(({ job }) => job)).toEqual(breaks);
    if (verdict !== "MAJOR") expect(changes.filter((change) => change.verdict === "MAJOR")).toEqual([]);
  });

  it("is MAJOR in each place and way that no rule excuses", async () => {
    const judged = [...documentEdits(API)].map(({ operator, path, edit }) => {
      const line = `${pointer(path)} ${operator}`;
      try {
        const changes = changesBy(edit);
        const gravest = ["MAJOR", "MINOR", "PATCH"].find((one) => changes.some(({ verdict }) => verdict === one));
        const rules = changes.filter(({ verdict }) => verdict === gravest).map(({ rule }) => rule);
        return {
          verdict: gravest === undefined ? "none" : rules.includes(undefined) ? "MAJOR" : `${gravest} ${rules[0]}`,
          line,
        };
      } catch (error) {
        if (error instanceof DocumentError) return { verdict: "refused", line };
        throw error;
      }
    });
    const verdicts = [...new Set(judged.map(({ verdict }) => verdict))].sort();
    const listed = verdicts.map((verdict) => {
      const lines = judged.filter((one) => one.verdict === verdict && !/ reordered$/.test(one.line));
      return [`${verdict}: ${lines.length}`, ...verdict === "MAJOR" ? [] : lines.map(({ line }) => `  ${line}`)].join(
        "\n",
      );
    });
    await expect(`${listed.join("\n")}\n`).toMatchFileSnapshot("fixtures/small/api-verdicts.txt");
  });
});
