// MESSAGE §4: Ed25519, COSE_Sign1 and COSE_Sign with one possible header; ROSTER §4: the ids of keys.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { ascending, concat, equal, hex, must, sha, utf8 } from './bytes.mjs';
import { decode, encode } from './cbor.mjs';

const { Point } = ed25519;
const ORDER = Point.Fn.ORDER;
const little = (bytes) => BigInt('0x' + hex(Uint8Array.from(bytes).reverse()));

export const newSeed = () => ed25519.utils.randomSecretKey();
export const publicOf = (seed) => ed25519.getPublicKey(seed);
export const signBytes = (message, seed) => ed25519.sign(message, seed);

/** "with the equation without the cofactor, [S]B = R + [k]A: S MUST be below the order of the group, and the encoding of
 *  the point computed for R is compared with the bytes of R." The library's own verify multiplies by the cofactor. */
export function verifyBytes(signature, message, key) {
  const R = signature.subarray(0, 32), S = little(signature.subarray(32));
  if (signature.length !== 64 || S >= ORDER) return false;
  let A;
  try { A = Point.fromBytes(key); } catch { return false; }
  const k = little(sha512(concat(R, key, message))) % ORDER;
  const kA = k === 0n ? Point.ZERO : A.multiplyUnsafe(k), SB = S === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(S);
  return equal(SB.subtract(kA).toBytes(), R);
}

/** "the first 8 bytes of SHA-256("parley/v1/key\0" ‖ role ‖ "\0" ‖ the 32 bytes of the key)" */
export const keyId = (role, key) => sha('parley/v1/key\0', role, '\0', key).subarray(0, 8);

const ROLE_OF_DOMAIN = { card: 'root', content: 'officer', receipt: 'receipt', closing: 'receipt', renewal: 'log' }; // all others: station (ROSTER §4)
const roleOf = (domain) => ROLE_OF_DOMAIN[domain] ?? 'station';
/** "the 13 bytes of the protected header, a2 01 27 04 48 ‖ key id" */
const PROTECTED = Uint8Array.of(0xa2, 0x01, 0x27, 0x04, 0x48);
const protectedOf = (id) => concat(PROTECTED, id);
const MAX_SIGN1 = 24576, MAX_SIGN = 40960, MAX_CONTENT = 36864;

export const toBeSigned1 = (id, domain, payload) => encode(['Signature1', protectedOf(id), utf8(`parley/v1/${domain}`), payload]);
const toBeSigned = (id, payload) => encode(['Signature', new Uint8Array(), protectedOf(id), utf8('parley/v1/content'), payload]);

export function sign1(domain, payload, seed) {
  const id = keyId(roleOf(domain), publicOf(seed));
  return encode([protectedOf(id), new Map(), payload, signBytes(toBeSigned1(id, domain, payload), seed)]);
}

const isBytes = (x, size) => x instanceof Uint8Array && (size === undefined || x.length === size);
const isEmptyMap = (x) => x instanceof Map && x.size === 0;
function headerId(bytes) {
  must(isBytes(bytes, 13) && equal(bytes.subarray(0, 5), PROTECTED), 'malformed', 'protected header');
  return bytes.subarray(5);
}
const array = (x, length) => must(Array.isArray(x) && x.length === length, 'malformed', 'array of COSE');

/** A COSE_Sign1 by its form, whoever signed it: { id, payload, signature }. */
export function read1(bytes, max = MAX_SIGN1) {
  must(bytes.length <= max, 'limit', 'COSE_Sign1');
  const value = decode(bytes);
  array(value, 4);
  const [header, unprotected, payload, signature] = value;
  const id = headerId(header);
  must(isEmptyMap(unprotected) && isBytes(payload) && isBytes(signature, 64), 'malformed', 'COSE_Sign1');
  return { id, payload, signature };
}
/** The payload of a COSE_Sign1 that this key signed in this domain. */
export function open1(domain, bytes, key) {
  const { id, payload, signature } = read1(bytes);
  must(equal(id, keyId(roleOf(domain), key)), 'bad signature', 'key id');
  must(verifyBytes(signature, toBeSigned1(id, domain, payload), key), 'bad signature', domain);
  return payload;
}

/** COSE_Sign of content, "signatures sorted by key id, each once". */
export function sign(content, seeds) {
  const signatures = seeds.map((seed) => {
    const id = keyId('officer', publicOf(seed));
    return { id, signature: signBytes(toBeSigned(id, content), seed) };
  });
  return assemble(content, signatures.sort((a, b) => Buffer.compare(a.id, b.id)));
}
export const assemble = (content, signatures) => encode([new Uint8Array(), new Map(), content,
  signatures.map(({ id, signature }) => [protectedOf(id), new Map(), signature])]);

export function readSigned(bytes) {
  must(bytes.length <= MAX_SIGN, 'limit', 'COSE_Sign');
  const value = decode(bytes);
  array(value, 4);
  const [header, unprotected, content, list] = value;
  must(isBytes(header, 0) && isEmptyMap(unprotected) && isBytes(content) && Array.isArray(list) && list.length > 0, 'malformed', 'COSE_Sign');
  must(list.length <= 8 && content.length <= MAX_CONTENT, 'limit', 'COSE_Sign');
  const signatures = list.map((item) => {
    array(item, 3);
    must(isEmptyMap(item[1]) && isBytes(item[2], 64), 'malformed', 'signature');
    return { id: headerId(item[0]), signature: item[2] };
  });
  must(ascending(signatures, (s) => s.id), 'malformed', 'signers are not sorted');
  return { content, signatures };
}
export const verifyOfficer = (content, { id, signature }, key) => verifyBytes(signature, toBeSigned(id, content), key);
