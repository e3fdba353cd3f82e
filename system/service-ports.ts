import process from "node:process";
import { whyNotFree } from "./stack/free-port.ts";
import type { Memory } from "./stack/memory.ts";
import { StackError } from "./stack/stack-error.ts";

export interface ServicePorts {
  port: number;
  opsPort: number;
}

/** Before anything is started, so that a port that can't be had is told at once. */
export async function chooseServicePorts(memory: Memory): Promise<ServicePorts> {
  const { PORT, OPS_PORT } = process.env;
  if (PORT && Number(PORT) === Number(OPS_PORT)) {
    throw new StackError(`PORT and OPS_PORT are both ${PORT}: give each service a port of its own`);
  }
  return {
    port: await choosePort("PORT", 3000, memory),
    opsPort: await choosePort("OPS_PORT", 3001, memory),
  };
}

/** The port that a variable demands; else the one of the last start, the usual one, or any that is free. */
async function choosePort(variable: string, usual: number, memory: Memory): Promise<number> {
  const demanded = process.env[variable];
  if (!demanded) return await memory.port(variable, usual);
  const port = Number(demanded);
  if (!/^\d{1,5}$/.test(demanded) || port < 1 || port > 65_535) {
    throw new StackError(`${variable}=${demanded} is not a port: give a number from 1 to 65535`);
  }
  const reason = await whyNotFree(port);
  if (reason === undefined) return port;
  const remedy = `set ${variable} to another one, or unset it to let a free one be found`;
  if (reason === "EADDRINUSE") throw new StackError(`port ${port} is taken: ${remedy}`);
  if (reason === "EACCES") throw new StackError(`port ${port} is not allowed to this user (EACCES): ${remedy}`);
  throw new StackError(`port ${port} can't be listened on (${reason}): ${remedy}`);
}
