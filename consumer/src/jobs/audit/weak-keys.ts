import type { Buffer } from "node:buffer";

/** The secret keys of RFC 8032 7.1, which everybody knows. */
const published = new Set([
  "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
  "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
  "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
  "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
  "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
]);

/** The y of the points of small order: under such a public key a signature can be made without its secret. */
const smallOrder = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

/** Of 32 random bytes 14 or fewer differ once in 10^11 keys, and all are printable once in 10^13. */
const minDifferentBytes = 15;

/** Why the 32 bytes can't be a random secret; undefined where they may be. */
export function weaknessOfSeed(seed: Buffer): string | undefined {
  if (published.has(seed.toString("hex"))) return "is a key that was published";
  if (seed.every((byte) => byte >= 0x20 && byte < 0x7f)) return "was made of text, not of chance";
  if (new Set(seed).size < minDifferentBytes || isSequence(seed)) return "was not made of chance";
  return undefined;
}

/** Why nobody may trust the public key; undefined where one may. */
export function weaknessOfPublicKey(publicKey: Buffer): string | undefined {
  const y = publicKey.toString("hex").replace(
    /..$/,
    (last) => (parseInt(last, 16) & 0x7f).toString(16).padStart(2, "0"),
  );
  return smallOrder.has(y) ? "is a point of small order: anybody can sign for it" : undefined;
}

/** Why the text is too short or too even to sign with; undefined where it may do. */
export function weaknessOfHmacKey(key: string): string | undefined {
  if (key.length < 32) return "must have at least 32 characters: make one with openssl rand -hex 32";
  if (new Set(key).size < 8) return "repeats itself: make one with openssl rand -hex 32";
  return undefined;
}

function isSequence(seed: Buffer): boolean {
  const step = (seed[1]! - seed[0]! + 256) % 256;
  return seed.every((byte, place) => place === 0 || (byte - seed[place - 1]! + 256) % 256 === step);
}
