// Writes a checkpoint in a process of its own, for a test that kills it meanwhile: FOLDER HMAC_KEY
import process from "node:process";
import { writeCheckpoint } from "../../../src/jobs/audit/checkpoint.ts";

const [folder = "", hmacKey = ""] = process.argv.slice(2);
await writeCheckpoint({ folder, hmacKey }, { takenAt: "2026-03-01T00:00:00.000Z", count: 2, head: "00" });
