import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL(".", import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.startsWith("generated"));

/** What a file takes from others of the service, as paths below src/. */
const importsOf = (file: string) =>
  [...readFileSync(join(root, file), "utf8").matchAll(/(?:from|import\() ?"(\.[^"]+)"/g)]
    .map(([, path = ""]) => relative(root, resolve(root, dirname(file), path)));

/** Files beside main.ts wire the folders, or belong to all of them. */
const folderOf = (path: string) => (path.includes(sep) ? path.split(sep)[0] : undefined);

const arrows = new Map<string, string>();
for (const file of files) {
  for (const path of importsOf(file)) {
    const [from, to] = [folderOf(file), folderOf(path)];
    if (from && to && from !== to) arrows.set(`${from} → ${to}`, file);
  }
}

test("no two folders import each other", () => {
  expect(arrows.size).toBeGreaterThan(10);
  const both = [...arrows].filter(([arrow]) => arrows.has(arrow.split(" → ").reverse().join(" → ")));
  expect(both).toEqual([]);
});

test("the domain knows the contract and nothing else of the service, nor that its commands come as JSON", () => {
  const domain = files.filter((file) => folderOf(file) === "domain");
  expect(domain.length).toBeGreaterThan(20);
  for (const file of domain) {
    const outside = importsOf(file).filter((path) => !["domain", "generated"].includes(folderOf(path) ?? ""));
    expect(outside, file).toEqual([]);
    expect(readFileSync(join(root, file), "utf8"), file).not.toMatch(/pointer|"#|`#|in: "body"/);
  }
});

test("only service.ts puts the parts together", () => {
  const wiring = /create(App|CommandPath|Health|RateLimit|Authenticate)\(|connectBroker\(|runRelay\(/;
  const calls = files.filter((file) => {
    const text = readFileSync(join(root, file), "utf8").replaceAll(/export (async )?function \w+\(/g, "");
    return wiring.test(text);
  });
  expect(calls).toEqual(["service.ts"]);
});
