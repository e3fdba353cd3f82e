import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderGenerated, writeGenerated } from "../../src/generate.ts";
import { git } from "../../src/deploy/git.ts";
import { applyEdit, set } from "../../src/mutate/edit.ts";
import { copyProject } from "../../src/mutate/project-copy.ts";
import { build } from "../../site/build.ts";

const root = new URL("../../..", import.meta.url).pathname;

test("a changed document changes the event's page, the diagram and the comparison", async () => {
  const copy = copyProject(root);
  const out = mkdtempSync(join(tmpdir(), "site-"));
  const read = (page: string) => readFileSync(join(out, page), "utf8");
  try {
    // The consumer follows the working tree's document, as it does before a release.
    git(copy.root, ["rm", "--quiet", "--ignore-unmatch", "consumer/contract.lock"]);
    await build(copy.root, out, { reference: false });
    expect(read("events/appointment.created.html")).not.toContain("body-payload-room");
    expect(read("index.html")).toContain("appointment.* doctor.*".replace(" ", "  "));

    const payload = "/components/schemas/AppointmentCreated/properties/payload/properties";
    applyEdit(
      copy.root,
      set("asyncapi.yaml", `${payload}/room`, { type: "string", description: "Where it takes place." }),
    );
    applyEdit(copy.root, set("consumer/asyncapi.yaml", "/channels/auditQueue/x-rabbitmq/arguments/x-max-length", 777));
    await writeGenerated(copy.root, await renderGenerated(copy.root));
    await build(copy.root, out, { reference: false });

    const page = read("events/appointment.created.html");
    expect(page).toContain('id="body-payload-room"');
    expect(page).toContain("Where it takes place.");
    expect(page).toMatch(/working tree<\/strong> MINOR: [^<]*room/);
    expect(read("index.html")).toContain("at most 777");
    expect(read("contracts/compatibility.html")).toMatch(/payload\.room/);
    expect(read("contracts/compatibility.html")).toMatch(/x-max-length/);
  } finally {
    copy.remove();
    rmSync(out, { recursive: true, force: true });
  }
}, 120_000);
