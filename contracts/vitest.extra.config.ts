import process from "node:process";
import { defineConfig } from "vitest/config";

/** tests/extra/, or with SUITE=long tests/long/. */
const suite = process.env["SUITE"] ?? "extra";

export default defineConfig({
  test: {
    include: [`tests/${suite}/*.test.ts`],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    fileParallelism: false,
  },
});
