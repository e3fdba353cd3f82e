import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { drawPictures } from "../../site/write-pictures.ts";

const root = new URL("../../..", import.meta.url).pathname;
let pictures: Record<string, string>;

beforeAll(async () => {
  pictures = await drawPictures(root);
});

describe("the README's pictures", () => {
  test("are what the documents say: npm run docs -- --pictures draws them", () => {
    expect(Object.keys(pictures)).toEqual(["docs/flow-light.svg", "docs/flow-dark.svg"]);
    for (const [path, text] of Object.entries(pictures)) expect(readFileSync(join(root, path), "utf8")).toBe(text);
  });

  test("have every queue, job and dead-letter queue of the broker's definitions, each with a link that leads to a file", () => {
    const { queues } = JSON.parse(readFileSync(join(root, "deploy/rabbitmq/definitions.json"), "utf8"));
    const names = queues.map(({ name }: { name: string }) => name).filter((name: string) =>
      /\.(queue|dlq)$/.test(name)
    );
    expect(names).toHaveLength(10);
    for (const text of Object.values(pictures)) {
      const parts = text.split("<a ").slice(1).map((part) => part.slice(0, part.indexOf("</a>")));
      for (const name of names) expect(parts.some((part) => part.includes(`>${name}<`)), name).toBe(true);
      expect(text.match(/<g class="box/g)).toHaveLength(parts.filter((part) => part.includes('<g class="box')).length);
      for (const part of parts) {
        const href = /href="([^"]+)"/.exec(part)![1]!;
        expect(existsSync(join(root, "docs", href)), href).toBe(true);
      }
    }
  });

  test("load nothing", () => {
    for (const text of Object.values(pictures)) {
      expect(text.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(/https?:|@import|<image|<script/);
    }
  });
});
