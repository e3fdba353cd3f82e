import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyEdit, replace } from "../../src/mutate/edit.ts";
import { copyProject, type ProjectCopy } from "../../src/mutate/project-copy.ts";
import { launchChromium } from "../extra/site/browser.ts";

const root = new URL("../../..", import.meta.url).pathname;
let copy: ProjectCopy;
let out: string;

beforeAll(() => {
  copy = copyProject(root);
  symlinkSync(join(root, "contracts/node_modules"), join(copy.root, "contracts/node_modules"));
  out = mkdtempSync(join(tmpdir(), "site-"));
});

afterAll(() => {
  copy?.remove();
  rmSync(out, { recursive: true, force: true });
});

/** `npm run docs -- --serve` for the copy; answers its address as soon as it says it. */
async function startServing() {
  const cli = join(copy.root, "contracts/site/cli.ts");
  const tsx = join(root, "contracts/node_modules/tsx/dist/cli.mjs");
  const child = spawn(process.execPath, [tsx, cli, "--no-reference", "--serve", "--port", "0", "--out", out], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const address = new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (text) => printed += text);
    child.stdout.on("data", (text) => {
      printed += text;
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0];
      if (found) resolve(found);
    });
    child.once("close", (code) => reject(new Error(`ended with ${code}: ${printed}`)));
  });
  return {
    address: await address,
    printed: () => printed,
    async stop(): Promise<number | null> {
      child.kill("SIGINT");
      const [code] = await once(child, "close");
      return code;
    },
  };
}

test(
  "a change reloads the browser with the new page; one that can't be built leaves the old site and nothing else",
  async () => {
    const site = await startServing();
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`${site.address}operate/broker-loss.html`);
      // Stands for AsyncAPI's own reference, which is not made again for a change that it does not show.
      mkdirSync(join(out, "reference"));
      writeFileSync(join(out, "reference/producer.html"), "<p>AsyncAPI</p>");
      expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("RabbitMQ is gone");

      const runbook = "docs/operate/broker-loss.md";
      const broken = "# Runbook: the broker is gone\n\n[Nowhere](nowhere.md)";
      applyEdit(copy.root, replace(runbook, "# Runbook: RabbitMQ is gone", broken));
      await expect.poll(site.printed, { timeout: 60_000 }).toContain("the link to nowhere.md leads to no page");
      expect((await page.reload())?.status()).toBe(200);
      expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("RabbitMQ is gone");
      await expect.poll(() => existsSync(`${out}.next`)).toBe(false);

      applyEdit(copy.root, replace(runbook, broken, "# Runbook: the broker is gone"));
      await page.getByRole("heading", { name: "The broker is gone" }).waitFor({ timeout: 60_000 });
      expect((await page.goto(`${site.address}reference/producer.html`))?.status()).toBe(200);
    } finally {
      await browser.close();
      expect(await site.stop()).toBe(0);
    }
  },
  180_000,
);
