import process from "node:process";

// The test of tests/extra/ with as many patients as a practice may erase in a year.
process.env["PATIENTS"] ??= "1000";
await import("../extra/erasure.test.ts");
