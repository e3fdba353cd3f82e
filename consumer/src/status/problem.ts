import { duration } from "../timeline/render-text.ts";
import type { Problem } from "./status.ts";

export const ago = (seconds: number) => duration(seconds * 1_000);

export function problem(
  colour: Problem["colour"],
  what: string,
  todo: string | null = null,
  link: string | null = null,
): Problem {
  return { colour, what, todo, link };
}
