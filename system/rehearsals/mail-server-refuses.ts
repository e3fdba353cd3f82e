import type { Rehearsal } from "./rehearsal.ts";

/** Any answer of 5xx to MAIL FROM says that the server takes nothing from us. */
const reply = "550 5.7.1 relaying denied";

export const mailServerRefuses: Rehearsal = {
  name: "mail-server-refuses",
  title: "the mail server takes nothing from the clinic any more",
  notice: "bookings succeed, and neither patient nor doctor gets a mail",
  async cause(scene) {
    await scene.restart("mail", { MAIL_REFUSES: reply });
    await scene.book();
  },
  undo: (scene) => scene.restart("mail"),
};
