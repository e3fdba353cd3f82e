const maxCharacters = 500;

/** PostgreSQL's classes of errors whose messages quote the value that was refused: data exceptions and constraints. */
const quotesValues = /^2[23]...$/;

/**
 * An error in one line for headers, logs and stores, without the value that was refused: of a database's refusal only
 * the SQLSTATE and the names of what refused it, of anything else the text with what looks like an e-mail address or a
 * phone number taken out.
 */
export function errorText(error: unknown): string {
  const text = databaseRefusal(error) ?? (error instanceof Error ? error.message : String(error));
  // Cut before it is searched, which takes a time that grows with the square of the length, and again after it.
  return withoutContacts(text.slice(0, 4 * maxCharacters).replaceAll(/\s+/g, " ")).slice(0, maxCharacters);
}

/** A text with what looks like an e-mail address or a phone number in E.164's form taken out. */
export function withoutContacts(text: string): string {
  return text
    .replaceAll(/[^\s<>"'(),;:=]+@[^\s<>"'(),;:=]+/g, "<e-mail>")
    .replaceAll(/\+\d[\d ()-]{5,}\d/g, "<phone>");
}

function databaseRefusal(error: unknown): string | undefined {
  if (!(error instanceof Error) || error.name !== "PostgresError") return undefined;
  const { code, constraint_name: constraint, column_name: column, table_name: table } = error as DatabaseError;
  if (!quotesValues.test(code ?? "")) return undefined;
  const where = [["constraint", constraint], ["column", column], ["table", table]].filter(([, name]) => name);
  return ["the database refused a value", `SQLSTATE ${code}`, ...where.map((words) => words.join(" "))].join(", ");
}

/** https://www.postgresql.org/docs/current/protocol-error-fields.html */
type DatabaseError = Error & Partial<Record<"code" | "constraint_name" | "column_name" | "table_name", string>>;

/** An identifier that somebody chose freely: no sentence, no mail address, no phone number. */
export function isIdentifier(value: unknown): value is string {
  return typeof value === "string" && /^[\x21-\x7e]{1,128}$/.test(value) && withoutContacts(value) === value;
}

/** What kind of error it is, with the SQLSTATE of a database error. */
export function errorClass(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const code = "code" in error && typeof error.code === "string" ? ` ${error.code}` : "";
  return `${error.name}${code}`;
}
