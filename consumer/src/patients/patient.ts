/** Who a patient is to the services: an address or a number. */
export type Patient = { readonly email: string; readonly phone?: undefined } | {
  readonly phone: string;
  readonly email?: undefined;
};

/** As it stands in messages; an address in whatever capitals. */
export function contactOf({ email, phone }: Patient): string {
  return (email ?? phone) as string;
}
