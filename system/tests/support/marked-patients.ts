/** What a patient may be known by, each in a spelling that nothing else has. */
export interface MarkedPatient {
  patientEmail: string;
  patientPhone: string;
  patientName: string;
  reference: string;
  metadata: { note: string };
  /** Where the patient can be reached later. */
  secondEmail: string;
}

/** Of one width, since a page's end may cut a text: what is left of 50 must not be read as 5. */
const numbered = (n: number) => String(n).padStart(4, "0");

export function markedPatient(n: number): MarkedPatient {
  return {
    patientEmail: `q7xmail-${numbered(n)}@example.org`,
    patientPhone: `+4930777${String(n).padStart(6, "0")}`,
    patientName: `Q7xname-${numbered(n)} Miller`,
    reference: `q7xref-${numbered(n)}`,
    metadata: { note: `q7xnote-${numbered(n)}` },
    secondEmail: `q7xsecond-${numbered(n)}@example.org`,
  };
}

/** Each value of it as it would be found in a file. */
export function marksOf(patient: MarkedPatient): string[] {
  const { patientEmail, patientPhone, patientName, reference, metadata } = patient;
  return [patientEmail.split("@")[0]!, patientPhone.slice(1), patientName.split(" ")[0]!, reference, metadata.note];
}

/** Every mark in a text or in the bytes of a file. */
export function marksIn(text: string): string[] {
  return text.match(/q7x[a-z]+-\d{4}|4930777\d{6}/gi) ?? [];
}
