import { defineConfig } from "vitest/config";

/** What needs a Debian package beside the servers that the TEST_* variables name; each test says which is missing. */
export default defineConfig({
  test: {
    include: ["tests/extra/**/*.test.ts"],
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
