import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { isCode, isShipped, type ServiceFile, type Violation } from "./service-files.ts";

const importedModule = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])([@\w./:-]+)\1/g;
const upwardPath = /(["'`])((?:\.\.?\/)*\.\.(?:\/[^"'`\n]*)?)\1/g;

interface Manifest {
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** Finds what the service takes from outside its folder, and what it imports without naming it in its package.json. */
export function findForeignImports(
  service: string,
  files: ServiceFile[],
): Violation[] {
  const manifest: Manifest = JSON.parse(
    files.find(({ path }) => path === "package.json")!.text,
  );
  return [
    ...files.filter(({ path }) => !path.endsWith(".sql") && !path.includes("/generated/")).flatMap((file) => (
      findEscapes(service, file)
    )),
    ...files.filter(isCode).flatMap((file) => findUndeclared(service, file, manifest)),
    ...findLinked(service, manifest),
  ];
}

/** Any path in quotes counts, so that reading a file of the neighbour is found as well as importing it. */
function findEscapes(service: string, file: ServiceFile): Violation[] {
  const escapes: Violation[] = [];
  for (const [, , target] of file.text.matchAll(upwardPath)) {
    const resolved = posix.join(posix.dirname(file.path), target!);
    if (resolved.startsWith("..")) {
      escapes.push({
        file: `${service}/${file.path}`,
        reason: `${target} leaves ${service}/`,
      });
    } else if (isShipped(file) && resolved.startsWith("tests/")) {
      escapes.push({
        file: `${service}/${file.path}`,
        reason: `${target} is not in the image`,
      });
    }
  }
  return escapes;
}

function findUndeclared(
  service: string,
  file: ServiceFile,
  manifest: Manifest,
): Violation[] {
  const declared = new Set(Object.keys({
    ...manifest.dependencies,
    ...(isShipped(file) ? {} : manifest.devDependencies),
  }));
  const violations: Violation[] = [];
  for (const [, , specifier] of file.text.matchAll(importedModule)) {
    if (specifier!.startsWith(".") || specifier!.startsWith("node:")) continue;
    const name = specifier!.split("/").slice(
      0,
      specifier!.startsWith("@") ? 2 : 1,
    ).join("/");
    if (declared.has(name)) continue;
    const reason = isBuiltin(specifier!)
      ? `${specifier} needs the prefix node:, for Deno`
      : `${name} is not in its ${isShipped(file) ? "dependencies" : "package.json"}`;
    violations.push({ file: `${service}/${file.path}`, reason });
  }
  return violations;
}

function findLinked(
  service: string,
  { dependencies, devDependencies }: Manifest,
): Violation[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d/.test(version))
    .map(([name, version]) => ({
      file: `${service}/package.json`,
      reason: `${name} is ${version}, not a version from the registry`,
    }));
}
