import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { renderTypes, typesFile } from "../../client/render-types.ts";

test("the client's types are those of the API", async () => {
  const isUpToDate = await readFile(typesFile, "utf8") === await renderTypes();
  expect(
    isUpToDate,
    "client/src/generated/api.ts is stale: run npm run generate at the root, or npm run generate --prefix client here",
  ).toBe(true);
});
