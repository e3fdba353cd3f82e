import type { Servers } from "./start-servers.ts";

interface Services {
  api: string;
  ops: string;
  apiKey: string;
}

/** Where a person finds what, a line each; every address opens in a browser as it stands. */
export function addresses(
  servers: Pick<Servers, "mail" | "sms" | "calendar" | "amqp" | "rabbitmqManagement">,
  services: Services,
): string {
  const lines = {
    "API": `${services.api}/docs`,
    "operations": `${services.ops}/ops   (log in with the API key)`,
    "e-mails": servers.mail.url,
    "text messages": servers.sms.url,
    "calendars": `${servers.calendar.url}/resources`,
    "RabbitMQ": servers.rabbitmqManagement ? loggedIn(servers.rabbitmqManagement) : servers.amqp,
    "API key": `${services.apiKey}   (the same at the next start)`,
  };
  return Object.entries(lines).map(([name, value]) => `  ${name.padEnd(14)} ${value}`).join("\n");
}

/** The management page takes credentials in its fragment only: browsers drop those of the address. */
function loggedIn(managementUrl: string): string {
  const url = new URL(managementUrl);
  const { username, password } = url;
  url.username = url.password = "";
  return username ? new URL(`#/login/${username}/${password}`, url).href : url.href;
}
