/** Whether PostgreSQL answered with one of these SQLSTATEs. */
export function isSqlState(error: unknown, ...states: string[]): boolean {
  return error instanceof Error && "code" in error && states.includes(String(error.code));
}
