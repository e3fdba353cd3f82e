import { isCode, isShipped, type ServiceFile, type Violation } from "./service-files.ts";

const created = /\bcreate\s+(?:unlogged\s+)?table\s+(?:if\s+not\s+exists\s+)?"?(\w+)"?/gi;
const quoted = /(["'`])(?:\\.|(?!\1)[^\\])*\1/gs;
const used = /\b(?:from|join|into|update|table|truncate)\s+(?:only\s+)?"?(\w+)"?/gi;

/** The tables that a service's migrations create. */
export function ownTables(files: ServiceFile[]): Set<string> {
  const migrations = files.filter(({ path }) => path.startsWith("migrations/"));
  return new Set(
    migrations.flatMap(({ text }) => [...text.matchAll(created)].map(([, name]) => name!.toLowerCase())),
  );
}

/** Finds SQL on a table that only the other service has. */
export function findForeignTables(
  service: string,
  files: ServiceFile[],
  others: Set<string>,
): Violation[] {
  const own = ownTables(files);
  const foreign = new Set([...others].filter((table) => !own.has(table)));
  return files.filter((file) => (isCode(file) && isShipped(file)) || file.path.endsWith(".sql")).flatMap((file) => {
    const sql = file.path.endsWith(".sql")
      ? [file.text.replaceAll(/--.*$/gm, "")]
      : [...file.text.matchAll(quoted)].map(([literal]) => literal);
    const tables = sql.flatMap((text) => [...text.matchAll(used)].map(([, table]) => table!.toLowerCase()));
    return [...new Set(tables.filter((table) => foreign.has(table)))].map((
      table,
    ) => ({
      file: `${service}/${file.path}`,
      reason: `touches the other service's table ${table}`,
    }));
  });
}
