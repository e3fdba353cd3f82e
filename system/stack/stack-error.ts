/** Something outside this program is missing or in the way; the message is one line and ends with the remedy. */
export class StackError extends Error {
  override name = "StackError";
}

/** One way to get a server does not work on this machine; another may. */
export class UnusableError extends StackError {
  override name = "UnusableError";
}
