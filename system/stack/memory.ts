import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { freePort, isFree } from "./free-port.ts";

export interface Memory {
  /** The port of the last time, if it is free; else the preferred one, if that is free; else any. */
  port(name: string, preferred?: number): Promise<number>;
  /** A random password, the same one each time. */
  password(name: string): string;
}

/** What a later start should find unchanged, in one file that only its owner can read. */
export function createMemory(file: string): Memory {
  const known = load(file);

  function remember<K extends keyof Remembered>(kind: K, name: string, value: Remembered[K][string]) {
    Object.assign(known[kind], { [name]: value });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(known, null, 2), { mode: 0o600 });
  }

  return {
    async port(name, preferred) {
      const taken = Object.entries(known.ports).filter(([other]) => other !== name).map(([, port]) => port);
      for (const candidate of [known.ports[name], preferred]) {
        if (
          candidate !== undefined && !taken.includes(candidate) &&
          await isFree(candidate)
        ) {
          remember("ports", name, candidate);
          return candidate;
        }
      }
      let port = await freePort();
      while (taken.includes(port)) port = await freePort();
      remember("ports", name, port);
      return port;
    },
    password(name) {
      const password = known.passwords[name] ??
        randomBytes(18).toString("base64url");
      remember("passwords", name, password);
      return password;
    },
  };
}

interface Remembered {
  ports: Record<string, number>;
  passwords: Record<string, string>;
}

function load(file: string): Remembered {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { ports: {}, passwords: {} };
}
