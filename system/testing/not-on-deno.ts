/** Tests that can't pass on Deno, each with the reason; the rest of both services' suites has to. */
export const notOnDeno: Record<string, string> = {};
