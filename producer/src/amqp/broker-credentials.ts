import { credentials } from "amqplib";

/**
 * The user and password of an AMQP address, as UTF-8 (AMQP 0-9-1 4.2.5.3 with SASL PLAIN, RFC 4616). amqplib reads them
 * as Latin-1, so a password outside ASCII that is encoded correctly would be refused by the broker.
 */
export function brokerCredentials(address: string) {
  const { username, password } = new URL(address);
  return credentials.plain(decodeURIComponent(username) || "guest", decodeURIComponent(password) || "guest");
}

/** Whether the address's user and password are percent-encoded UTF-8. */
export function hasReadableCredentials(address: string): boolean {
  try {
    brokerCredentials(address);
    return true;
  } catch {
    return false;
  }
}
