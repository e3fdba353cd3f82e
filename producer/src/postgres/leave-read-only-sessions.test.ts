import { expect, test, vi } from "vitest";
import { leaveReadOnlySessions } from "./leave-read-only-sessions.ts";

const setting = "default_transaction_read_only";

function watch() {
  const closeAll = vi.fn();
  const mayWrite = vi.fn(() => Promise.resolve(false));
  return { closeAll, mayWrite, began: leaveReadOnlySessions({ closeAll }, mayWrite) };
}

test("a session that may write has those left that began before it and only read", () => {
  const { closeAll, began } = watch();
  began("TimeZone", "UTC");
  began(setting, "off");
  expect(closeAll).not.toHaveBeenCalled();
  began(setting, "on");
  began(setting, "off");
  expect(closeAll).toHaveBeenCalledTimes(1);
});

test("without a new session, one is tried until it may write, and the next to begin has no other left", async () => {
  vi.useFakeTimers();
  try {
    const { closeAll, mayWrite, began } = watch();
    began(setting, "on");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(closeAll).not.toHaveBeenCalled();
    mayWrite.mockResolvedValue(true);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(closeAll).toHaveBeenCalledTimes(1);
    began(setting, "off");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(closeAll).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});
