import { isEmail } from "../formats.ts";

/** Who a patient is to the services: an address or a number. */
export type Patient = { readonly email: string; readonly phone?: undefined } | {
  readonly phone: string;
  readonly email?: undefined;
};

/** As it stands in messages; an address in whatever capitals. */
export function contactOf({ email, phone }: Patient): string {
  return (email ?? phone) as string;
}

export const isPhone = (text: string) => /^\+[1-9][0-9]{6,14}$/.test(text);

/** The one patient that is named, or undefined: one of address and number, and each as it should be. */
export function readPatient(asked: unknown): Patient | undefined {
  if (typeof asked !== "object" || asked === null) return undefined;
  const { email, phone, ...others } = asked as { email?: unknown; phone?: unknown };
  if (Object.keys(others).length > 0) return undefined;
  if (typeof email === "string" && phone === undefined) return isEmail(email) ? { email } : undefined;
  return typeof phone === "string" && email === undefined && isPhone(phone) ? { phone } : undefined;
}
