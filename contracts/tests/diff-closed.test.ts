import { describe, expect, it } from "vitest";
import { judgeAll, type Judged } from "./support/judge-edits.ts";
import { SMALL } from "./support/project.ts";

/** Every example stands for all. */
const place = ({ line }: Judged) => line.replace(/(\/examples)\/\S+/, "$1/…");

describe("diff fails closed: each place of both documents, changed in each way", () => {
  const judged = judgeAll(SMALL, () => true);

  it("is MAJOR unless a rule says why it is less", async () => {
    const verdicts = [...new Set(judged.map(({ verdict }) => verdict))].sort();
    const counted = verdicts.map((verdict) => {
      const alike = judged.filter((one) => one.verdict === verdict);
      const shown = verdict === "MAJOR" || verdict === "none" ? [] : new Set(alike.map(place));
      return [`${verdict}: ${alike.length}`, ...[...shown].map((line) => `  ${line}`)].join("\n");
    });
    await expect(`${counted.join("\n")}\n`).toMatchFileSnapshot("fixtures/small/verdicts.txt");
  });

  it("has no verdict for the version, the order, and a trait that nothing takes only", () => {
    const unseen = judged.filter(({ verdict }) => verdict === "none").map(({ line }) => line);
    expect(unseen.filter((line) => !/ reordered$/.test(line))).toEqual([
      "asyncapi.yaml#/info/version removed",
      "asyncapi.yaml#/info/version another value",
      "asyncapi.yaml#/components/messageTraits another key",
      "consumer/asyncapi.yaml#/info/version removed",
      "consumer/asyncapi.yaml#/info/version another value",
    ]);
  });
});
