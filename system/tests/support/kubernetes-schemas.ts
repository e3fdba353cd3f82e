import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { root } from "../../local-files.ts";
import type { Manifest } from "./kubernetes.ts";

// deno-lint-ignore no-explicit-any
type Schema = any;

const load = createRequire(import.meta.url);
const schemas = join(root, "system/tests/kubernetes/schemas");
const ajv = new Ajv({ strict: false, allErrors: true });
(addFormats as unknown as (ajv: Ajv) => void)(ajv);
for (const format of ["int32", "int64"]) ajv.addFormat(format, true);

/** Kubernetes drops a field that it does not know without a word; here it is an error. */
function strictly(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(strictly);
  if (typeof schema !== "object" || schema === null) return schema;
  const { "x-kubernetes-int-or-string": either, ...all } = schema;
  // Go's regular expressions have flags inside, which ours have not.
  const { pattern, ...others } = all;
  const rest = String(pattern).includes("(?i)") ? others : all;
  const inner = Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      key === "properties"
        ? Object.fromEntries(Object.entries(value as Schema).map(([name, one]) => [name, strictly(one)]))
        : strictly(value),
    ]),
  );
  if (either) return { ...inner, type: ["integer", "string"] };
  const closed = inner.properties && !inner["x-kubernetes-preserve-unknown-fields"] &&
    inner.additionalProperties === undefined;
  return closed ? { ...inner, additionalProperties: false } : inner;
}

const validators = new Map<string, ValidateFunction>(
  readdirSync(schemas).filter((name) => name.endsWith(".json")).map((name) => {
    const { apiVersion, kind, schema } = JSON.parse(readFileSync(join(schemas, name), "utf8"));
    return [`${apiVersion} ${kind}`, ajv.compile(strictly(schema))];
  }),
);

/** Whether Kubernetes itself has the kind; every other is a resource that an operator defined. */
const isCore = ({ apiVersion }: Manifest) => /^(v1|(apps|batch|policy|networking\.k8s\.io)\/v1)$/.test(apiVersion);

/** What is wrong with the objects by their schemas: types, required fields, values, and fields that there are not. */
export function schemaProblems(objects: Manifest[]): string[] {
  const problems: string[] = [];
  for (const one of objects) {
    const report = (text: string) => problems.push(`${one.kind} ${one.metadata.name}: ${text}`);
    if (isCore(one)) {
      const { [one.kind]: Model } = load(`kubernetes-models/${one.apiVersion}/${one.kind}`);
      try {
        new Model(one).validate();
      } catch (error) {
        report((error as Error).message);
      }
      continue;
    }
    const validate = validators.get(`${one.apiVersion} ${one.kind}`);
    if (!validate) report(`there is no schema of ${one.apiVersion}`);
    else if (!validate(one)) {
      validate.errors!.forEach(({ instancePath, message, params }) =>
        report(`${instancePath} ${message} ${JSON.stringify(params)}`)
      );
    }
  }
  return [...problems, ...unknownFields(objects.filter(isCore))];
}

/** The models of kubernetes-models let an unknown field pass; their types don't, so TypeScript is asked. */
function unknownFields(objects: Manifest[]): string[] {
  if (objects.length === 0) return [];
  const place = mkdtempSync(join(tmpdir(), "kubernetes-"));
  try {
    symlinkSync(join(root, "system/node_modules"), join(place, "node_modules"));
    const source = objects.map((one, index) =>
      `import type { I${one.kind} as T${index} } from "kubernetes-models/${one.apiVersion}/${one.kind}";\n` +
      `export const o${index}: T${index} = ${JSON.stringify(one, undefined, 1)};`
    );
    writeFileSync(join(place, "objects.ts"), source.join("\n"));
    writeFileSync(join(place, "package.json"), '{ "type": "module" }');
    const options = { module: "esnext", moduleResolution: "bundler", strict: true, noEmit: true, skipLibCheck: true };
    writeFileSync(
      join(place, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...options, types: [] }, files: ["objects.ts"] }),
    );
    execFileSync(process.execPath, [join(root, "system/node_modules/typescript/bin/tsc"), "-p", place], {
      encoding: "utf8",
      stdio: "pipe",
    });
    return [];
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (!stdout) throw error;
    return stdout.trim().split("\n");
  } finally {
    rmSync(place, { recursive: true });
  }
}
