import { existsSync, readFileSync } from "node:fs";
import { localFiles } from "./local-files.ts";
import { livingHolder } from "./stack/pid-file.ts";
import { StackError } from "./stack/stack-error.ts";

export interface Stack {
  api: string;
  ops: string;
  apiKey: string;
  doctorId: string;
  amqp: string;
  rabbitmqManagement: string | null;
  producerDatabase: string;
  consumerDatabase: string;
  mail: string;
  calendar: string;
}

export interface LocalSystem {
  stack: Stack;
  services: Record<"producer" | "consumer", Record<string, string>>;
  /** What of it is not its own: a broker or databases that the environment gave. */
  given: string[];
  stop(part: string): Promise<void>;
  /** Without variables it is as `npm start` had started it. */
  restart(part: string, variables?: Record<string, string>): Promise<void>;
}

/** The system that `npm start` runs in this checkout, from its own files: no address is taken from anybody. */
export function readLocalSystem(): LocalSystem {
  if (livingHolder(localFiles.lock) === undefined || !existsSync(localFiles.stack)) {
    throw new StackError("npm start does not run in this checkout, or is not ready yet: start it in another terminal");
  }
  const stack = JSON.parse(readFileSync(localFiles.stack, "utf8")) as Stack;
  const { services, given, control } = JSON.parse(readFileSync(localFiles.environment, "utf8")) as
    & Pick<LocalSystem, "services" | "given">
    & { control: { url: string; key: string } };

  async function change(part: string, action: string, variables: Record<string, string>): Promise<void> {
    const response = await fetch(`${control.url}/${part}/${action}`, {
      method: "POST",
      headers: { authorization: `Bearer ${control.key}` },
      body: JSON.stringify(variables),
    });
    if (response.ok) return;
    const { error } = await response.json() as { error: string };
    throw new StackError(`${action} ${part}: ${error}`);
  }

  return {
    stack,
    services,
    given,
    stop: (part) => change(part, "stop", {}),
    restart: (part, variables = {}) => change(part, "restart", variables),
  };
}
