/** Tests that can't pass on Deno, each with the reason; the rest of both services' suites has to. */
export const notOnDeno: Record<string, string> = {
  "an answer that was lost is recognised as the own writing: no second write, no conflict":
    "Deno's fetch repeats a request whose connection ended without an answer, and the test counts requests; the " +
    "repetition is harmless, because the write is conditional (text messages go through node:http, which repeats nothing)",
  "back to the first doctor after a removal whose answer was lost, the entry is there again":
    "the same repetition by Deno's fetch",
};
