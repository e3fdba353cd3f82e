import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { asyncApiFile, type Downloads, loadDownloads, openApiFile, schemaFile } from "../../site/load/downloads.ts";
import { loadModel, type Model } from "../../site/load/model.ts";
import { loadOpenApi } from "../../site/load/services.ts";
import { loadSnippets } from "../../site/load/snippets.ts";
import { apiPages } from "../../site/pages/api/pages.tsx";
import { eventIndexPage } from "../../site/pages/event-index.tsx";
import { eventPage } from "../../site/pages/event.tsx";
import { readRelease, releaseVersions } from "../../src/release/release.ts";
import { render } from "./site/render.ts";

const root = new URL("../../..", import.meta.url).pathname;
let model: Model;
let downloads: Downloads;

/** As somebody would who has nothing but the file: strict, so that no keyword is passed over. */
function validatorOf(event: string) {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  formats.default(ajv);
  return ajv.compile(JSON.parse(downloads.get(schemaFile(event))!));
}

beforeAll(async () => {
  model = await loadModel(root);
  downloads = await loadDownloads(root, model, await loadOpenApi(root));
});

describe("what the site offers for download", () => {
  test("is linked where it is looked for", async () => {
    const snippets = await loadSnippets(root);
    const link = (path: string) => `href="../${path}" download`;
    expect(render(apiPages(await loadOpenApi(root))[0]!)).toContain(link(openApiFile));
    for (const service of ["producer", "consumer"]) {
      expect(render(eventIndexPage(model))).toContain(link(asyncApiFile(service)));
    }
    for (const event of model.events) {
      const page = render(eventPage(model, event, { golden: undefined, snippets, history: [] }));
      expect(page, event.name).toContain(link(schemaFile(event.name)));
    }
    expect(downloads.size).toBe(3 + model.events.length);
  });

  test("are the documents that the services carry", async () => {
    for (const service of ["producer", "consumer"]) {
      const own = await readFile(`${root}/${service}/src/generated/asyncapi.json`, "utf8");
      expect(downloads.get(asyncApiFile(service))).toBe(own);
    }
    expect(JSON.parse(downloads.get(openApiFile)!)).toEqual(await loadOpenApi(root));
  });

  test("is for every event a schema that takes each of its examples, and nothing without a required field", () => {
    for (const { name, message } of model.events) {
      const validate = validatorOf(name);
      expect(message.examples.length, name).toBeGreaterThan(0);
      for (const { payload } of message.examples) {
        expect(validate(payload), `${name}: ${JSON.stringify(validate.errors)}`).toBe(true);
        for (const field of ["eventName", "aggregateId", "timestamp", "version", "payload"]) {
          expect(validate({ ...payload, [field]: undefined }), `${name} without ${field}`).toBe(false);
        }
        expect(validate({ ...payload, eventName: "other" }), name).toBe(false);
      }
    }
  });

  test("takes what every release put on the wire", () => {
    const messages = releaseVersions(root).flatMap((version) => readRelease(root, version).messages);
    for (const { routingKey, body } of messages) {
      const validate = validatorOf(routingKey);
      expect(validate(JSON.parse(body)), `${routingKey}: ${JSON.stringify(validate.errors)}`).toBe(true);
    }
    expect(messages.length).toBeGreaterThan(model.events.length - 1);
  });
});
