import { isEmail } from "../formats.ts";
import { type Field, fieldAt } from "../failures/contract-schema.ts";

/** Replaces what identifies a person, the same by the same wherever it stands. */
export interface StandIns {
  /** A message's body, with as much of its form as makes it fail as it did. */
  body(text: string): string;
  /** How many there are. */
  count(): number;
}

const phone = /^\+[1-9][0-9]{6,14}$/;
const maxPlainLength = 300;

/** What the system itself names things by. Every other text of a message that the contract doesn't know may be anything. */
const structural = new Set([
  "eventName",
  "aggregateId",
  "eventId",
  "timestamp",
  "version",
  "aggregateVersion",
  "doctorId",
]);

export function createStandIns(): StandIns {
  const known = new Map<string, string>();

  /** One that is as valid as the value, and as long where that may be what is wrong. */
  function standInOf(value: string): string {
    if (value === "") return value;
    const found = known.get(value);
    if (found !== undefined) return found;
    const number = known.size + 1;
    const short = isEmail(value)
      ? `person-${number}@stand-in.example`
      : phone.test(value)
      ? `+4915500${String(number).padStart(6, "0")}`
      : value.includes("@")
      ? `person ${number} at nowhere`
      : `Person ${number}`;
    const standIn = value.length > maxPlainLength ? short.padEnd(value.length, "x") : short;
    known.set(value, standIn);
    return standIn;
  }

  function replace(value: unknown, field: Field | undefined, name: string): unknown {
    if (Array.isArray(value)) return value.map((item) => replace(item, field?.item(), name));
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, member]) => {
          const below = field?.member(key);
          const isName = below !== undefined || structural.has(key);
          return [isName ? key : standInOf(key), replace(member, below, key)];
        }),
      );
    }
    const isKnown = field !== undefined ? !field.isPersonal : structural.has(name);
    if (isKnown) return value;
    if (typeof value === "string") return standInOf(value);
    // A telephone number may be written as one.
    return typeof value === "number" ? 1 : value;
  }

  return {
    body(text) {
      let parsed: unknown;
      try {
        parsed = JSON.parse(text);
      } catch {
        // Not JSON it stays, whatever it says.
        return text.replaceAll(/[\p{L}\p{N}]/gu, "x").slice(0, 10_000);
      }
      return JSON.stringify(replace(parsed, fieldAt(parsed), ""));
    },
    count: () => known.size,
  };
}
