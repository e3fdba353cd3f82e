import { type Command, UsageError } from "../command.ts";
import { loadContract } from "../contract.ts";
import { copyDrifts } from "../drift/copies.ts";
import { describedParts } from "../drift/parts.ts";
import { policyDrifts, readPolicies } from "../drift/policy-drifts.ts";
import { type Drift, topologyDrifts } from "../drift/topology-drifts.ts";
import { traced } from "../validate/validate.ts";
import { createManagement } from "../wire/management.ts";
import { describedTopology, readTopology } from "../wire/topology.ts";
import { workingTree } from "../working-tree.ts";

export const drift: Command = {
  summary: "Compares a live broker with the documents, and says what would be lost",
  usage: {
    positionals: [],
    flags: {},
    options: {
      amqp: {
        value: "URL",
        meaning: "the broker, with user, password and virtual host: amqp://USER:PASSWORD@HOST:5672/VHOST",
        required: true,
      },
      management: { value: "URL", meaning: "its management API; without it port 15672 of that host, 15671 with amqps" },
      others: {
        value: "PATTERN",
        meaning: "regular expression of the whole names of queues and exchanges that belong to other applications",
      },
      "queue-max-length": { value: "N", meaning: "what QUEUE_MAX_LENGTH of the consumer is, where it is set" },
      watch: { value: "SECONDS", meaning: "look at what is published for so long, too: its keys, and copies by CC" },
    },
    markdown: false,
  },
  help:
    `Reads exchanges, queues, bindings and policies of the virtual host through the management API, for which the user
needs the tag "monitoring", and changes nothing. Fails on an exchange, a queue or a binding that is missing, that is not
as the documents say, or that they do not describe, and on a policy that gives one of theirs another argument.
With --watch a queue that goes with its connection is bound to the exchange of the events; the user has to be allowed to
declare and to bind it. A copy by BCC can't be seen in this way; \`prove\` looks for one.`,
  async run({ root, options }) {
    const amqp = parseUrl("amqp", options.amqp ?? "", ["amqp:", "amqps:"]);
    const management = parseUrl("management", options.management ?? managementOf(amqp), ["http:", "https:"]);
    if (management.username === "") {
      Object.assign(management, { username: amqp.username || "guest", password: amqp.password || "guest" });
    }
    const seconds = wholeNumber("watch", options.watch);
    const isOthers = matcher(options.others);
    const read = workingTree(root);
    const contract = loadContract(read);
    const described = describedTopology(contract, wholeNumber("queue-max-length", options["queue-max-length"]));
    const parts = describedParts(contract);

    const manage = createManagement(management.href, vhostOf(amqp));
    const [actual, policies] = await Promise.all([readTopology({ manage }), readPolicies(manage)]);
    const drifts = [
      ...topologyDrifts(actual, described, parts, isOthers),
      ...policyDrifts(policies, described, parts),
    ];
    const copies = seconds === undefined ? undefined : await copyDrifts(amqp.href, contract, parts, seconds);
    drifts.push(...copies?.drifts ?? []);
    const wrong = drifts.filter(({ level }) => level === "error").length;
    const where = `${amqp.host}, virtual host ${vhostOf(amqp)}`;
    return {
      findings: traced(drifts.map(asProblem), read),
      lines: copies === undefined ? [] : [`${copies.watched} messages looked at in ${seconds} s`],
      details: { drifts: drifts.map(({ at, what, lost, level }) => ({ at, what, lost, level })) },
      summary: wrong === 0 ? `${where} is as the documents say` : `${wrong} drifts at ${where}`,
    };
  },
};

function asProblem({ at, what, lost, document, path, level }: Drift) {
  return { document, path, level, reason: `${at} ${what}; lost: ${lost}` };
}

function parseUrl(option: string, text: string, protocols: string[]): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // The address is not quoted: there may be a password in it.
  if (!url || !protocols.includes(url.protocol)) {
    throw new UsageError(`--${option} takes an address that begins with ${protocols.join("// or ")}//`);
  }
  return url;
}

function managementOf({ protocol, hostname }: URL): string {
  return protocol === "amqps:" ? `https://${hostname}:15671` : `http://${hostname}:15672`;
}

/** No path means the default virtual host, as for every client. */
function vhostOf({ pathname }: URL): string {
  return decodeURIComponent(pathname.slice(1)) || "/";
}

function matcher(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => false;
  try {
    const expression = new RegExp(`^(?:${pattern})$`);
    return (name) => expression.test(name);
  } catch (cause) {
    throw new UsageError(`--others takes a regular expression, not ${pattern}`, { cause });
  }
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,8}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`--${option} takes a whole number above 0, not ${text}`);
}
