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
    expect(read("index.html")).toContain(">doctor.*</text>");
    expect(read("index.html")).not.toContain(">clinic.*</text>");

    const payload = "/components/schemas/AppointmentCreated/properties/payload/properties";
    applyEdit(
      copy.root,
      set("asyncapi.yaml", `${payload}/room`, { type: "string", description: "Where it takes place." }),
    );
    const trait = "/components/messageTraits/domainEvent";
    applyEdit(copy.root, set("asyncapi.yaml", `${trait}/contentType`, "application/cloudevents+json"));
    applyEdit(copy.root, set("asyncapi.yaml", `${trait}/description`, "Nonsense."));
    applyEdit(copy.root, set("asyncapi.yaml", "/operations/publishAppointmentCreated/bindings/amqp/deliveryMode", 1));
    const bound = "/channels/auditQueue/x-rabbitmq/bindings/1/routingKey";
    applyEdit(copy.root, set("consumer/asyncapi.yaml", bound, "clinic.*"));
    applyEdit(copy.root, set("consumer/asyncapi.yaml", "/channels/auditQueue/x-rabbitmq/arguments/x-max-length", 777));
    await writeGenerated(copy.root, await renderGenerated(copy.root));
    await build(copy.root, out, { reference: false });

    const page = read("events/appointment.created.html");
    expect(page).toContain('id="body-payload-room"');
    expect(page).toContain("Where it takes place.");
    expect(page).toMatch(/property-content_type.*?application\/cloudevents\+json/);
    expect(page).toMatch(/property-delivery_mode.*?<code>1<\/code>, transient/);
    expect(page).not.toContain("Nonsense."); // the table says what is so, not what somebody wrote about it
    expect(page).toMatch(/working tree<\/strong> [^<]*MINOR: [^<]*room/);
    expect(read("index.html")).toContain("at most 777");
    expect(read("index.html")).toContain(">clinic.*</text>");
    expect(read("contracts/compatibility.html")).toMatch(/payload\.room/);
    expect(read("contracts/compatibility.html")).toMatch(/x-max-length/);
  } finally {
    copy.remove();
    rmSync(out, { recursive: true, force: true });
  }
}, 120_000);
