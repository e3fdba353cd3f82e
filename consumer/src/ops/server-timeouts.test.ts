import { expect, test } from "vitest";
import { timeoutsOf } from "./server-timeouts.ts";

test.each([1_000, 59_999, 60_000, 75_000, 299_500, 3_600_000])(
  "whatever the idle timeout (%d ms), no request ends before its headers may, nor headers before an idle connection",
  (idleMs) => {
    const { keepAliveTimeout, headersTimeout, requestTimeout } = timeoutsOf(idleMs);
    expect(keepAliveTimeout).toBe(idleMs);
    expect(headersTimeout).toBeGreaterThan(keepAliveTimeout);
    expect(requestTimeout).toBeGreaterThanOrEqual(headersTimeout);
  },
);
