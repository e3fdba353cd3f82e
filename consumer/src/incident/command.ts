import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Command, UsageError } from "../cli/command.ts";
import { findSubjects } from "../timeline/find-subjects.ts";
import { timelineSources } from "../timeline/command.ts";
import { makeBundle } from "./make-bundle.ts";

const usage = `Usage: consumer incident KEY [--out FILE] [--json]

One file with what became of an appointment: its events, outcomes, errors, the topology, versions and settings without
secrets. What identifies a person is replaced, the same by the same. \`npm start -- --incident FILE\` shows it again on a
system of one's own. KEY is as for consumer timeline.

  --out FILE  where it is written (incident-ID.json)
  --json      one JSON object: the bundle itself, printed instead of written`;

export const incidentCommand: Command = {
  name: "incident",
  summary: "write one file with which an incident is seen again elsewhere",
  usage,
  async run(args, context) {
    const { print, note } = context;
    const { values, positionals: [key, ...rest] } = parseArgs({
      args,
      allowPositionals: true,
      options: { out: { type: "string" }, json: { type: "boolean", default: false } },
    });
    if (key === undefined || rest.length > 0) throw new UsageError("consumer incident needs one KEY");
    const timeline = timelineSources(context);
    const [id, ...more] = await findSubjects(timeline.sql, key, timeline.producer);
    if (more.length > 0) note(`${key} is about ${more.length + 1} of them; this is ${id}`);
    const bundle = id === undefined ? undefined : await makeBundle({ config: context.config, timeline }, id);
    if (!bundle) {
      note(`nobody knows of ${key}`);
      return 1;
    }
    if (values.json) {
      print(JSON.stringify(bundle));
      return 0;
    }
    const file = values.out ?? `incident-${id}.json`;
    // Nobody else's business, even so.
    await writeFile(file, `${JSON.stringify(bundle, null, 2)}\n`, { mode: 0o600 });
    print(
      `${file}: ${bundle.events.length} events, ${bundle.deadLetters.length} dead letters, ${bundle.standIns} stand-ins`,
    );
    return 0;
  },
};
