import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 3,
    // No test keeps anything in a module, so modules are loaded once a worker: a quarter of the time.
    isolate: false,
    // Generous: on a busy machine a limit tells nothing, and what waits polls.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    projects: [
      { extends: true, test: { name: "unit", include: ["src/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/extra/**"],
          globalSetup: ["tests/require-servers.ts"],
        },
      },
    ],
  },
});
