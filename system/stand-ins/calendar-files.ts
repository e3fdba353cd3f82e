import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface CalendarResource {
  path: string;
  etag: string;
  data: string;
}

/** Collections are folders and resources files; an ETag is the hash of the content, so nothing else need be kept. */
export function createCalendarFiles(folder: string) {
  mkdirSync(folder, { recursive: true });

  function place(path: string): string {
    return join(folder, ...segments(path).map((segment) => encodeURIComponent(segment).replaceAll(".", "%2E")));
  }

  function read(path: string): CalendarResource | undefined {
    const file = place(path);
    if (!isResource(path) || !existsSync(file)) return undefined;
    const data = readFileSync(file, "utf8");
    return {
      path,
      etag: `"${createHash("sha256").update(data).digest("hex").slice(0, 32)}"`,
      data,
    };
  }

  function list(collection: string): CalendarResource[] {
    if (!existsSync(place(collection))) return [];
    const names = readdirSync(place(collection)).sort().map(decodeURIComponent);
    return names.map((name) => read(`/${[...segments(collection), name].join("/")}`)).filter((found) =>
      found !== undefined
    );
  }

  return {
    hasCollection: (path: string) => existsSync(place(path)),
    createCollection: (path: string) => void mkdirSync(place(path), { recursive: true }),
    collections: () => readdirSync(folder).sort().map((name) => `/${decodeURIComponent(name)}/`),
    read,
    list,
    write(path: string, data: string) {
      const file = place(path);
      writeFileSync(`${file}.new`, data);
      renameSync(`${file}.new`, file);
    },
    remove: (path: string) => rmSync(place(path), { recursive: true, force: true }),
  };
}

export type CalendarFiles = ReturnType<typeof createCalendarFiles>;

/** `/collection/resource.ics`; anything shallower is a collection. */
export function isResource(path: string): boolean {
  return segments(path).length === 2 && !path.endsWith("/");
}

export function parentOf(path: string): string {
  return `/${segments(path).slice(0, -1).join("/")}/`;
}

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}
