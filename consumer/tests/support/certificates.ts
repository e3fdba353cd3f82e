import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import forge from "node-forge";
import { onTestFinished } from "vitest";

export interface Certificate {
  cert: string;
  key: string;
}

export interface CertificateOptions {
  host?: string;
  notAfter?: Date;
}

const hour = 3_600_000;

/** Certificates, in PEM, of an authority of the test's own and of none. */
export function createAuthority() {
  const own = keyPair();
  const subject = [{ name: "commonName", value: "The Clinic" }];
  const ca = certify(own, subject, { keys: own, subject }, {}, [
    { name: "basicConstraints", cA: true },
    { name: "keyUsage", keyCertSign: true },
  ]);

  return {
    ca,
    issue: (options: CertificateOptions = {}) => certificate(options, { keys: own, subject }),
    selfSigned: (options: CertificateOptions = {}) => certificate(options, undefined),
  };
}

interface Issuer {
  keys: forge.pki.KeyPair;
  subject: forge.pki.CertificateField[];
}

function certificate(options: CertificateOptions, authority: Issuer | undefined): Certificate {
  const keys = keyPair();
  const subject = [{ name: "commonName", value: "server" }];
  const names = { name: "subjectAltName", altNames: [{ type: 2, value: options.host ?? "localhost" }] };
  return {
    cert: certify(keys, subject, authority ?? { keys, subject }, options, [names]),
    key: forge.pki.privateKeyToPem(keys.privateKey as forge.pki.rsa.PrivateKey),
  };
}

function certify(
  keys: forge.pki.KeyPair,
  subject: forge.pki.CertificateField[],
  issuer: Issuer,
  { notAfter = new Date(Date.now() + hour) }: CertificateOptions,
  extensions: object[],
): string {
  const made = forge.pki.createCertificate();
  made.publicKey = keys.publicKey;
  made.serialNumber = `01${randomBytes(8).toString("hex")}`;
  made.validity.notBefore = new Date(notAfter.getTime() - 24 * hour);
  made.validity.notAfter = notAfter;
  made.setSubject(subject);
  made.setIssuer(issuer.subject);
  made.setExtensions(extensions);
  made.sign(issuer.keys.privateKey as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
  return forge.pki.certificateToPem(made);
}

/** Made by Node: forge takes seconds for a key in JavaScript. */
function keyPair(): forge.pki.KeyPair {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const key = forge.pki.privateKeyFromPem(privateKey);
  return { privateKey: key, publicKey: forge.pki.setRsaPublicKey(key.n, key.e) };
}

/** A file with this text until the test is finished. */
export function fileOf(pem: string): string {
  const folder = mkdtempSync(join(tmpdir(), "pem-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "ca.pem");
  writeFileSync(file, pem);
  return file;
}
