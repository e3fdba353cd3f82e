import { createHmac } from "node:crypto";

/** How a patient can be reached: whatever of both is known. */
export type Contact = { readonly patientEmail?: string | undefined; readonly patientPhone?: string | undefined };

/**
 * What a patient is known by outside of the appointments: the HMAC of the normalised address or number, from which
 * nobody without the secret comes back to it.
 */
export function createPatientIds(secret: string) {
  const digest = (text: string) => createHmac("sha256", secret).update(text).digest("base64url");
  const ofEmail = (email: string) => digest(`email:${email.trim().toLowerCase()}`);
  const ofPhone = (phone: string) => digest(`phone:${phone.trim()}`);
  return {
    /** By the address, and by the number where there is none. */
    of({ patientEmail, patientPhone }: Contact): string | undefined {
      if (patientEmail !== undefined) return ofEmail(patientEmail);
      return patientPhone === undefined ? undefined : ofPhone(patientPhone);
    },
    /** One for the address and one for the number. */
    all({ patientEmail, patientPhone }: Contact): string[] {
      return [
        ...(patientEmail === undefined ? [] : [ofEmail(patientEmail)]),
        ...(patientPhone === undefined ? [] : [ofPhone(patientPhone)]),
      ];
    },
  };
}
