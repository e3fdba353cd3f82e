import { readFileSync } from "node:fs";
import * as v from "valibot";

/** Whom a connection trusts and what it shows, in PEM, as node:tls takes them. */
export interface Tls {
  ca?: string;
  cert?: string;
  key?: string;
}

/** A variable that names a file: its value becomes the file's content, so that a wrong path stops the start. */
export const pemFile = (description: string) =>
  v.optional(v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      try {
        return readFileSync(dataset.value, "utf8");
      } catch (error) {
        addIssue({ message: `names a file that can't be read (${(error as NodeJS.ErrnoException).code})` });
        return NEVER;
      }
    }),
    v.description(description),
  ));

/** The three variables of one kind of connection, such as AMQP_CA_FILE. */
export function tlsVariables<Prefix extends "AMQP" | "DATABASE">(prefix: Prefix) {
  return {
    [`${prefix}_CA_FILE`]: pemFile("The certificate authority to trust, instead of the public ones (PEM)"),
    [`${prefix}_CERT_FILE`]: pemFile("The client certificate, where the server asks for one (PEM)"),
    [`${prefix}_KEY_FILE`]: pemFile("The private key of the client certificate (PEM)"),
  } as Record<`${Prefix}_${"CA" | "CERT" | "KEY"}_FILE`, ReturnType<typeof pemFile>>;
}

/** The keys' server may have another authority than the other databases'. */
export const keysCaVariable = () =>
  pemFile("The certificate authority of patients' keys' server, where it is not that of DATABASE_CA_FILE (PEM)");

/** What is configured; undefined without any of the three, which leaves it to the connection's URL. */
export function tlsOf(ca: string | undefined, cert: string | undefined, key: string | undefined): Tls | undefined {
  const given = Object.entries({ ca, cert, key }).filter(([, pem]) => pem !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
