const mostCharacters = 500;

/**
 * An error in one line for headers, logs and stores, with what looks like an e-mail address or a phone number taken
 * out: a database quotes the value that it refuses.
 */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[^\s<>"'(),;:=]+@[^\s<>"'(),;:=]+/g, "<e-mail>")
    .replaceAll(/\+\d[\d ()-]{5,}\d/g, "<phone>")
    .slice(0, mostCharacters);
}

/** What kind of error it is, with the SQLSTATE of a database error. */
export function errorClass(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  return `${error.name}${code}`;
}
