import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createLog } from "../telemetry/log.ts";
import { listen, portOf } from "./listen.ts";

/** Self-signed for localhost. */
function certificate() {
  const folder = mkdtempSync(join(tmpdir(), "listen-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", "-x509", ...newKey, ...subject, "-days", "2", "-out", cert], { stdio: "ignore" });
  return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
}

test("with a certificate of its own it speaks HTTPS, and nothing else", async () => {
  const files = certificate();
  const options = { host: "127.0.0.1", port: 0, certificate: files, keepAliveMs: 75_000, log: createLog("silent") };
  const server = await listen(({ url }) => new Response(url), options, (error) => {
    throw error;
  });
  onTestFinished(() => void server.close());
  const url = `https://localhost:${portOf(server)}/here`;
  const ask = (ca?: string) =>
    new Promise<string>((resolve, reject) => {
      const asked = request(url, { agent: false, ...(ca !== undefined && { ca }) }, (response) => {
        response.setEncoding("utf8").on("data", resolve);
      });
      asked.on("error", reject).end();
    });
  expect(await ask(files.cert)).toBe(url);
  await expect(ask()).rejects.toThrow(/self-signed/);
  await expect(fetch(url.replace("https:", "http:"))).rejects.toThrow();
});
