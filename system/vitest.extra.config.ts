import process from "node:process";
import { defineConfig } from "vitest/config";

/** tests/extra/, or with SUITE=long tests/long/. */
const suite = process.env["SUITE"] ?? "extra";

export default defineConfig({
  test: {
    include: [`tests/${suite}/**/*.test.ts`],
    testTimeout: 400_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
    // Two of the extra ones at a time: each waits most of the time, for servers of its own that start and stop.
    fileParallelism: suite === "extra",
    maxWorkers: 2,
  },
});
