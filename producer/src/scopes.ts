/** What a caller may be allowed to do. */
export const scopes = [
  "appointments:read",
  "appointments:write",
  "appointments:overbook",
  "doctors:write",
  "erase",
  "export",
  "ops",
] as const;
export type Scope = (typeof scopes)[number];

export function isScope(name: string): name is Scope {
  return (scopes as readonly string[]).includes(name);
}
