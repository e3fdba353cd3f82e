import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { git } from "../src/deploy/git.ts";

const root = new URL("../..", import.meta.url).pathname;
const documents = git(root, ["ls-files", "*.md"]).split("\n").filter((file) => file !== "");
const textOf = (file: string) => readFileSync(join(root, file), "utf8");

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string) =>
  heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(/\s/g, "-");

function targetProblem(file: string, target: string): string | undefined {
  const [path = "", anchor] = target.split("#");
  const other = path === "" ? file : join(dirname(file), path);
  if (!existsSync(join(root, other))) return `${file}: nothing at ${target}`;
  if (anchor === undefined) return undefined;
  const headings = [...textOf(other).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading!));
  return headings.includes(anchor) ? undefined : `${file}: no heading for ${target}`;
}

test("every link between the documents leads to a file and a heading that are there", () => {
  const links = documents.flatMap((file) =>
    [...textOf(file).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)]
      .map(([, link, source]) => ({ file, target: (link ?? source)! }))
      .filter(({ target }) => !/^[a-z]+:/.test(target))
  );
  expect(links.length).toBeGreaterThan(50);
  expect(links.map(({ file, target }) => targetProblem(file, target)).filter(Boolean)).toEqual([]);
});

/** What the recipes tell the reader to make, and names in which a part stands for many. */
const toBeMade = /cancellations|VERSION/;

test("every path that the recipes and the table of guarantees name is there", () => {
  const paths = ["CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md"].flatMap((file) =>
    [...textOf(file).matchAll(/`((?:\.ci|\.github|consumer|contracts|deploy|docs|producer|system)\/[\w./-]*)`/g)]
      .map(([, path]) => path!)
  );
  expect(paths.length).toBeGreaterThan(50);
  expect(paths.filter((path) => !toBeMade.test(path) && !existsSync(join(root, path)))).toEqual([]);
});

test("the index of the documents has every one, every runbook and every decision", () => {
  const index = textOf("docs/README.md");
  const inFolder = (folder: string) => readdirSync(join(root, "docs", folder)).filter((file) => file.endsWith(".md"));
  const expected = [
    ...inFolder(".").filter((file) => file !== "README.md"),
    ...inFolder("operate").map((file) => `operate/${file}`),
    ...inFolder("adr").map((file) => `adr/${file}`),
  ];
  expect(expected.filter((file) => !index.includes(`](${file})`))).toEqual([]);
});
