import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import forge from "node-forge";

export interface CertificateFiles {
  ca: string;
  cert: string;
  key: string;
}

export interface Authority {
  ca: string;
  /** Writes a certificate and its key; the name is its common name, and every certificate is good for localhost. */
  issue(name: string): CertificateFiles;
}

/** A certificate authority of the test's own, with its files in one folder. */
export function createAuthority(folder: string, name: string): Authority {
  mkdirSync(folder, { recursive: true });
  const own = keyPair();
  const subject = [{ name: "commonName", value: name }];
  const ca = join(folder, `${name}-ca.pem`);
  write(ca, certify(own, subject, [{ name: "basicConstraints", cA: true }, { name: "keyUsage", keyCertSign: true }]));

  /** Signs with the authority's key, as its subject. */
  function certify(keys: forge.pki.KeyPair, holder: forge.pki.CertificateField[], extensions: object[]): string {
    const certificate = forge.pki.createCertificate();
    certificate.publicKey = keys.publicKey;
    certificate.serialNumber = `01${randomBytes(8).toString("hex")}`;
    certificate.validity.notBefore = new Date(Date.now() - 60_000);
    certificate.validity.notAfter = new Date(Date.now() + 3_600_000);
    certificate.setSubject(holder);
    certificate.setIssuer(subject);
    certificate.setExtensions(extensions);
    certificate.sign(own.privateKey as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
    return forge.pki.certificateToPem(certificate);
  }

  return {
    ca,
    issue(commonName) {
      const keys = keyPair();
      const cert = join(folder, `${commonName}.pem`);
      const key = join(folder, `${commonName}-key.pem`);
      const localhost = { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] };
      write(cert, certify(keys, [{ name: "commonName", value: commonName }], [localhost]));
      write(key, forge.pki.privateKeyToPem(keys.privateKey));
      return { ca, cert, key };
    },
  };
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

function write(file: string, pem: string) {
  writeFileSync(file, pem, { mode: 0o600 });
}
