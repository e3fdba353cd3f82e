import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, posix } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build } from "../../site/build.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
let folder: string;
let site: string;

async function filesOf(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for (const file of await filesOf(path)) {
    hash.update(file).update(await readFile(join(path, file)));
  }
  return hash.digest("hex");
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "site-"));
  site = join(folder, "first");
  await build(root, site);
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe("the documentation site", () => {
  it("has only links and anchors that lead somewhere, and none that leaves its host for a resource", async () => {
    const files = new Set(await filesOf(site));
    const pages = [...files].filter((file) => file.endsWith(".html") && !file.startsWith("reference/"));
    const ids = new Map<string, Set<string>>();
    const html = new Map<string, string>();
    for (const page of pages) {
      const text = await readFile(join(site, page), "utf8");
      html.set(page, text);
      ids.set(
        page,
        new Set(
          [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id as string),
        ),
      );
    }
    const broken: string[] = [];
    for (const [page, text] of html) {
      for (
        const [, attribute, target = ""] of text.matchAll(
          / (href|src)="([^"]*)"/g,
        )
      ) {
        if (/^https?:/.test(target)) {
          if (attribute === "src") broken.push(`${page}: loads ${target}`);
          continue;
        }
        const [path = "", anchor] = target.split("#");
        const file = path === "" ? page : posix.normalize(posix.join(posix.dirname(page), path));
        if (!files.has(file)) broken.push(`${page}: no file ${target}`);
        else if (anchor && ids.has(file) && !ids.get(file)?.has(anchor)) {
          broken.push(`${page}: no anchor ${target}`);
        }
      }
    }
    expect(broken).toEqual([]);
    expect(pages.length).toBeGreaterThan(25);
  });

  it("is the same to the byte when it is built again, by its command and without a network", async () => {
    const again = join(folder, "again");
    const nowhere = "http://127.0.0.1:9";
    await promisify(execFile)("npm", ["run", "docs", "--", "--out", again], {
      cwd: root,
      env: { ...process.env, npm_config_registry: nowhere, HTTP_PROXY: nowhere, HTTPS_PROXY: nowhere },
    });
    expect(await digest(again)).toBe(await digest(site));
  }, 60_000);

  it("has pages of less than 200 KB, with all that they load at once", async () => {
    const loaded = (await Promise.all(
      ["site.css", "search.js", "copy.js", "icon.svg"].map((file) => stat(join(site, "assets", file))),
    ))
      .reduce((sum, { size }) => sum + size, 0);
    const pages = (await filesOf(site)).filter((file) => file.endsWith(".html"));
    for (
      const page of pages.filter((file) => !/^(api|reference)\//.test(file))
    ) {
      const { size } = await stat(join(site, page));
      expect(size + loaded, page).toBeLessThan(200 * 1024);
    }
  });

  it("has a heading, a title and a summary on every page", async () => {
    for (
      const page of (await filesOf(site)).filter((file) => file.endsWith(".html") && !file.startsWith("reference/"))
    ) {
      const text = await readFile(join(site, page), "utf8");
      expect(text.match(/<h1[ >]/g), page).toHaveLength(1);
      expect(text, page).toMatch(/<title>[^<]+<\/title>/);
      expect(text, page).toMatch(/<meta name="description" content="[^"]+"/);
    }
  });
});
