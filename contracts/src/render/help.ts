import type { Command } from "../command.ts";

const CALL = "npm run contracts --";

export function renderOverview(commands: Record<string, Command>): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}\n`);
  return `Usage: ${CALL} COMMAND [--help]\n\n${lines.join("")}`;
}

export function renderHelp(name: string, { summary, usage, help }: Command): string {
  const options: Record<string, string> = {
    ...Object.fromEntries(Object.entries(usage.flags).map(([flag, meaning]) => [`--${flag}`, meaning])),
    ...Object.fromEntries(
      Object.entries(usage.options ?? {}).map(([option, { value, meaning }]) => [`--${option} ${value}`, meaning]),
    ),
    "--json": "print the findings as JSON",
    ...(usage.markdown ? { "--markdown FILE": "write a report that can be posted as a comment" } : {}),
    "--junit FILE": "write the findings as JUnit XML",
    "--root DIR": "the project, where it is not the one that this command lies in",
    "--help": "print this",
  };
  const width = Math.max(...Object.keys(options).map((option) => option.length));
  const lines = Object.entries(options).map(([option, meaning]) => `  ${option.padEnd(width)}  ${meaning}\n`);
  const call = [CALL, name, ...usage.positionals, "[OPTION…]"].join(" ");
  return `${summary}.

Usage: ${call}

${help}

${lines.join("")}
Exit code: 0 nothing is wrong, 1 something is, 2 wrong usage.
`;
}
