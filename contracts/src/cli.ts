import { writeFileSync } from "node:fs";
import process from "node:process";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Command, type Outcome, UsageError } from "./command.ts";
import { COMMANDS, loadAll } from "./commands.ts";
import { DocumentError } from "./finding.ts";
import { projectRoot } from "./project.ts";
import { renderHelp, renderOverview } from "./render/help.ts";
import { renderJunit } from "./render/junit.ts";
import { renderText } from "./render/text.ts";

/** Exit codes: 0 nothing is wrong, 1 something is, 2 the call itself was wrong. */
async function main([name, ...args]: string[]): Promise<number> {
  if (name === undefined || name === "--help") {
    process.stdout.write(renderOverview(await loadAll()));
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? await COMMANDS[name]?.() : undefined;
  if (command === undefined) throw new UsageError(`there is no command ${name}`);
  const { values, positionals } = parse(command, args);
  if (values.help === true) {
    process.stdout.write(renderHelp(name, command));
    return 0;
  }
  const { usage } = command;
  if (positionals.length !== usage.positionals.length) {
    throw new UsageError(`${name} takes ${usage.positionals.join(" ") || "no argument"}, not ${positionals.join(" ")}`);
  }
  for (const [option, { value, required }] of Object.entries(usage.options ?? {})) {
    if (required && values[option] === undefined) throw new UsageError(`${name} needs --${option} ${value}`);
  }
  const outcome = await run(command, {
    root: projectRoot(args),
    positionals,
    flags: new Set(Object.keys(usage.flags).filter((flag) => values[flag] === true)),
    options: Object.fromEntries(
      Object.keys(usage.options ?? {}).flatMap((option) => {
        const value = values[option];
        return typeof value === "string" ? [[option, value]] : [];
      }),
    ),
  });
  const failed = outcome.findings.some(({ level }) => level === "error");
  const { findings, summary, details } = outcome;
  process.stdout.write(
    values.json === true
      ? `${JSON.stringify({ command: name, ok: !failed, findings, summary, ...details }, null, 2)}\n`
      : renderText(outcome),
  );
  if (typeof values.junit === "string") writeFileSync(values.junit, renderJunit(name, outcome));
  if (typeof values.markdown === "string") writeFileSync(values.markdown, outcome.markdown ?? "");
  return failed ? 1 : 0;
}

function parse(command: Command, args: string[]) {
  const options: NonNullable<ParseArgsConfig["options"]> = {
    help: { type: "boolean" },
    json: { type: "boolean" },
    junit: { type: "string" },
    root: { type: "string" },
  };
  if (command.usage.markdown) options.markdown = { type: "string" };
  for (const flag of Object.keys(command.usage.flags)) options[flag] = { type: "boolean" };
  for (const option of Object.keys(command.usage.options ?? {})) options[option] = { type: "string" };
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function run(command: Command, input: Parameters<Command["run"]>[0]): Promise<Outcome> {
  try {
    return await command.run(input);
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { findings: [error.finding], summary: "a document cannot be read" };
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const usage = error instanceof UsageError;
  process.stderr.write(`contracts: ${error instanceof Error ? error.message : error}\n`);
  if (usage) process.stderr.write("npm run contracts -- --help lists the commands\n");
  process.exitCode = usage ? 2 : 1;
}
