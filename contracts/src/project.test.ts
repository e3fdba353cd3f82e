import { join } from "node:path";
import { expect, test } from "vitest";
import { folderWith } from "../tests/support/project.ts";
import { loadConfig, project, projectRoot } from "./project.ts";

const documents = '{ producer: "a.yaml", consumer: "b/c.yaml" }';
const others = 'generated: { producer: "g", consumer: "h" }, pacts: { folder: "p", provider: "x" }';
const load = (config: string) =>
  loadConfig(folderWith({ "contracts.config.ts": `export default ${config};` }), "/none");

test("a project says where its documents are, and need not say more than it has to", async () => {
  const config = await load(`{ documents: ${documents}, ${others} }`);
  expect(config).toMatchObject({
    documents: { producer: "a.yaml", consumer: "b/c.yaml" },
    queuePrefix: "",
  });
  expect(config.services).toBeUndefined();
  expect(config.envelope).toBeUndefined();
});

test.each([
  [`{ ${others} }`, "documents: Invalid key"],
  [`{ documents: ${documents}, ${others}, sevices: 1 }`, "sevices: Invalid key"],
  [
    `{ documents: { producer: "../a.yaml", consumer: "b" }, ${others} }`,
    "documents.producer: must be a path inside of",
  ],
  [`{ documents: ${documents}, ${others}, services: "x" }`, "services: must be a function"],
  [`{ documents: { producer: "", consumer: "b" }, ${others} }`, "documents.producer: must not be empty"],
  ["undefined", "its default export: Invalid type"],
])("a wrong configuration is refused with each place: %s", async (config, reason) => {
  await expect(load(config)).rejects.toThrow(new RegExp(`contracts\\.config\\.ts is wrong: .*${reason}`));
});

test("without one the project is not guessed", async () => {
  const root = folderWith({ "README.md": "" });
  await expect(loadConfig(root, join(root, "none"))).rejects.toThrow(`${root} has no contracts.config.ts`);
});

test("here the configuration beside the commands counts", () => {
  expect(project).toMatchObject({ documents: { producer: "asyncapi.yaml" }, services: expect.any(Function) });
  expect(projectRoot(["--root", "/elsewhere"])).toBe("/elsewhere");
  expect(projectRoot(["validate", "--json"])).toBe(join(import.meta.dirname, "../.."));
});
