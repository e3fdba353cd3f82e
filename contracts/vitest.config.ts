import { defineConfig } from "vitest/config";

/** The suites in tests/extra/ need Debian's tools or much time: vitest.extra.config.ts runs them. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "clinic/**/*.test.ts", "tests/*.test.ts"],
    maxWorkers: 2,
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
