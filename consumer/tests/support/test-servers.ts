import { randomBytes } from "node:crypto";
import process from "node:process";

/** The value of a TEST_* variable; throws with its name when it is missing. */
export function testServer(name: "TEST_DATABASE_URL" | "TEST_AMQP_URL" | "TEST_RABBITMQ_MANAGEMENT_URL"): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set ${name} to run the integration tests`);
  return value;
}

/** A name that no other test file uses. */
export function uniqueName(prefix: string): string {
  return `${prefix}_${randomBytes(6).toString("hex")}`;
}
