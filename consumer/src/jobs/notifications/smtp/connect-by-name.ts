import { connect, type Socket } from "node:net";
import type SMTPPool from "nodemailer/lib/smtp-pool";

/**
 * Opens nodemailer's connections (its option `getSocket`) to the server's name. By itself nodemailer looks the name up
 * and connects to the address, which Deno refuses where --allow-net grants the name.
 */
export function connectByName(
  { host = "localhost", port, secure, connectionTimeout }: SMTPPool.Options,
  done: (error: Error | null, socketOptions?: { connection: Socket }) => void,
): void {
  const connection = connect({ host, port: Number(port) || (secure ? 465 : 587) });
  const timer = setTimeout(
    () => connection.destroy(Object.assign(new Error("Connection timeout"), { code: "ETIMEDOUT" })),
    connectionTimeout,
  );
  const failed = (error: Error) => {
    clearTimeout(timer);
    done(error);
  };
  connection.once("error", failed);
  connection.once("connect", () => {
    clearTimeout(timer);
    connection.off("error", failed);
    done(null, { connection });
  });
}
