import { userInfo } from "node:os";
import process from "node:process";

/** The name of the system's user, or the number of one that has no name: a container may run as any. */
export function systemUser(nameOf = () => userInfo().username, uid = () => process.getuid?.()): string {
  try {
    return nameOf();
  } catch {
    return String(uid() ?? "unknown");
  }
}

/** Who runs the command, for the audit trail. */
export function operator(): string {
  return `operator:${systemUser()}`;
}
