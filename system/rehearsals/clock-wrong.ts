import { findFaketime } from "./find-faketime.ts";
import type { Rehearsal } from "./rehearsal.ts";

export const clockWrong: Rehearsal = {
  name: "clock-wrong",
  title: "the clock of the consumer's machine is an hour behind",
  notice: "reminders go out an hour late, and mails seem to have been sent before their booking",
  notHere: () => findFaketime() ? undefined : "libfaketime is not installed (Debian: apt-get install libfaketime)",
  async cause(scene) {
    await scene.restart("consumer", {
      LD_PRELOAD: findFaketime()!,
      FAKETIME: "-3600",
      // As on a real machine, timers and what measures durations go on as before.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    });
    await scene.book();
  },
  undo: (scene) => scene.restart("consumer"),
};
