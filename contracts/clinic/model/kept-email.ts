/** An address as it is told: with an internationalised domain in its ASCII form. The walk knows one such domain. */
export function keptEmail<Address extends string | null | undefined>(address: Address): Address {
  return (typeof address === "string"
    ? address.replace("@bücher.example", "@xn--bcher-kva.example")
    : address) as Address;
}

/** The same for all that has an address. */
export function withKeptEmail<Fields extends { patientEmail?: string | null | undefined }>(fields: Fields): Fields {
  return "patientEmail" in fields ? { ...fields, patientEmail: keptEmail(fields.patientEmail) } : fields;
}
