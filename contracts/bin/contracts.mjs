#!/usr/bin/env node
// Node does not strip the types of what lies in node_modules; tsx does.
import { register } from "tsx/esm/api";

register();
await import("../src/cli.ts");
