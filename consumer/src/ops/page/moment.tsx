/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */

/** A time in UTC; with `day` also its date. */
export function Moment({ at, day = false }: { at: string; day?: boolean }) {
  return <time datetime={at}>{day ? `${at.slice(0, 10)} ${at.slice(11, 19)}` : at.slice(11, 23)}</time>;
}
