import { describe, expect, test } from "vitest";
import { provider } from "../../src/deploy/participants.ts";
import type { Verification } from "../../src/deploy/verifications.ts";
import type { Deployability, GateAnswer } from "../../site/load/deployments.ts";
import type { Releases } from "../../site/load/releases.ts";
import type { Replays } from "../../site/load/replays.ts";
import { compatibilityPage } from "../../site/pages/compatibility/page.tsx";
import { render, sectionOf, textOf } from "./site/render.ts";

const hash = (digit: string) => digit.repeat(40);
const head = { producer: hash("a"), consumer: hash("b") };
const released = { producer: hash("c"), consumer: hash("d") };
const result = (success: boolean) => ({ interactions: 7, pact: hash("e"), success });

function verification(versions: typeof head, success = true): Verification {
  return { ...versions, results: { "appointment-audit": result(success), "appointment-calendar": result(true) } };
}

const releases = {
  releases: [{ version: "1.0.0", services: released, messages: [] }],
  comparisons: [],
  matrix: [],
} as unknown as Releases;

const nothing: Deployability = { verifications: [], revisions: [], head, answers: [], beside: [] };

const revisions = [
  { commit: hash("1"), date: "2026-11-25", subject: "Newest", ...head },
  { commit: hash("2"), date: "2026-11-23", subject: "Release", ...released },
];

function page(gate: Partial<Deployability>, replays?: Replays): string {
  return render(compatibilityPage(releases, { ...nothing, revisions, ...gate }, replays));
}

function answer(service: GateAnswer["service"], consumers: string[]): GateAnswer {
  const reasons = consumers.map((consumer) => ({
    consumer,
    text: `There is no verified pact between version ${head.consumer} of ${consumer} and ${provider}`,
  }));
  return { service, place: "production", answer: { deployable: reasons.length === 0, rows: [], reasons } };
}

describe("the golden replays on the page about compatibility", () => {
  const replays: Replays = {
    ...head,
    replays: [{
      release: "1.0.0",
      intoConsumer: { understood: 48, of: 49, problems: ["doctor.updated 7: the job audit gave it up: gap"] },
      intoRelease: { understood: 51, of: 51, problems: [] },
    }],
  };

  test("are shown both ways, with what was not understood and the revision that it is true of", () => {
    const shown = textOf(sectionOf(page({}, replays), "replays"));
    expect(shown).toContain("1.0.0 48 of 49 understood doctor.updated 7: the job audit gave it up: gap 51 of 51");
    expect(shown).toContain("Replayed with both services as they are in this revision");
    expect(shown).toContain("aaaaaaaaaaaa HEAD, commit 1111111 of 2026-11-25");
  });

  test("say when the services have changed since", () => {
    const shown = textOf(sectionOf(page({}, { ...replays, ...released }), "replays"));
    expect(shown).toContain("Replayed before the last changes");
    expect(shown).toContain("cccccccccccc commit 2222222 of 2026-11-23");
  });

  test("name the command that makes them, where there are none", () => {
    expect(textOf(sectionOf(page({}), "replays"))).toContain("None has been recorded. npm run docs -- --replay");
  });
});

describe("the deploy gate on the page about compatibility", () => {
  test("says what is missing, once for all jobs that it is missing for", () => {
    const answers = [answer("producer", []), answer("consumer", ["appointment-audit", "appointment-calendar"])];
    const shown = textOf(sectionOf(page({ answers }), "gate"));
    expect(shown).toContain("production producer yes");
    expect(shown).toContain(
      `production consumer no There is no verified pact between version bbbbbbbbbbbb of audit and calendar and ${provider}`,
    );
  });

  test("says how a deployment is recorded, where none is", () => {
    const shown = textOf(sectionOf(page({}), "gate"));
    expect(shown).toContain("No deployment has been recorded");
    expect(shown).toContain("npm run contracts -- record-deployment --participant producer --to production");
  });

  test("answers for each release as if it ran somewhere", () => {
    const shown = textOf(sectionOf(page({ beside: [answer("producer", [])] }), "beside"));
    expect(shown).toContain("production producer yes");
  });
});

test("every released or current producer is set against every such consumer", () => {
  const verifications = [
    verification(head),
    verification(released),
    verification({ ...head, consumer: hash("d") }, false),
  ];
  const shown = textOf(sectionOf(page({ verifications }), "matrix"));
  expect(shown).toContain("Consumer 1.0.0 Consumer HEAD");
  expect(shown).toContain("Producer 1.0.0 works 2 pacts, 14 interactions works 2 pacts, 14 interactions");
  expect(shown).toContain("Producer HEAD breaks 1 of 2 pacts works 2 pacts, 14 interactions");
  expect(textOf(sectionOf(page({}), "matrix"))).toContain("Producer HEAD not verified not verified");
});
