// Writes a checkpoint in a process of its own, for a test that kills it meanwhile: FOLDER SIGNING_KEY
import process from "node:process";
import { Buffer } from "node:buffer";
import { parseSigner } from "../../../src/jobs/audit/signed-note.ts";
import { publishTreeCheckpoint } from "../../../src/jobs/audit/tree-checkpoints.ts";

const [folder = "", key = ""] = process.argv.slice(2);
await publishTreeCheckpoint(folder, { size: 2, root: Buffer.alloc(32) }, parseSigner(key));
