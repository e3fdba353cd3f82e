import { defineConfig } from "vitest/config";

const everyZone = "tests/jobs/notifications/every-zone.test.ts";

/** `unit` needs nothing but Node; `integration` talks to the servers that the TEST_* variables name. */
export default defineConfig({
  test: {
    maxWorkers: 3,
    // No test keeps anything in a module, so modules are loaded once a worker: a quarter of the time.
    isolate: false,
    // Generous: on a busy machine a limit tells nothing, and what waits polls.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
    // postgres.js (3.4.9) drops the promise of the query by which each new connection asks for its array types, so a test
    // that ends connections in that moment has a rejection that nobody can handle; the services survive it (main.ts).
    onUnhandledError: (error) => !String((error as { query?: unknown }).query).includes("b.typarray"),
    projects: [
      { extends: true, test: { name: "unit", include: ["src/**/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["tests/**/*.test.ts"],
          exclude: ["tests/extra/**", everyZone],
        },
      },
      // The parsers that read every message keep zones in their modules, from one calendar to the next.
      { extends: true, test: { name: "every-zone", include: [everyZone], isolate: true } },
    ],
  },
});
