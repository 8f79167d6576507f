// ENVELOPE §1 to §3, §5: X-Wing, the exporter of HPKE, sealing, padding.
import { x25519 } from '@noble/curves/ed25519.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { extract, expand, hkdf } from '@noble/hashes/hkdf.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { randomBytes } from 'node:crypto';
import { big, concat, equal, must, sha, unhex, utf8 } from './bytes.mjs';
import { decode, encode } from './cbor.mjs';
import { openStatement, payloadOf, signStatement } from './statements.mjs';

// X-Wing (draft-connolly-cfrg-xwing-kem): seed of 32 bytes; public key ML-KEM-768 ‖ X25519.
const LABEL = unhex('5c2e2f2f5e5c'); // \.//^\
const combine = (ssM, ssX, ctX, pkX) => sha3_256(concat(ssM, ssX, ctX, pkX, LABEL));
function expandSeed(seed) {
  const all = shake256(seed, { dkLen: 96 });
  const mlkem = ml_kem768.keygen(all.subarray(0, 64)), skX = all.subarray(64);
  return { mlkem, skX, pkX: x25519.getPublicKey(skX) };
}
export function prekeyOf(seed) {
  const { mlkem, pkX } = expandSeed(seed);
  return concat(mlkem.publicKey, pkX);
}
export const newPrekeySeed = () => new Uint8Array(randomBytes(32));
/** "A prekey whose ML-KEM part has a coefficient out of range, or whose X25519 part gives an all-zero secret, MUST NOT be
 *  used": the library throws for both. */
function encapsulate(prekey) {
  const pkX = prekey.subarray(1184), ekX = new Uint8Array(randomBytes(32));
  const { cipherText, sharedSecret } = ml_kem768.encapsulate(prekey.subarray(0, 1184));
  const ctX = x25519.getPublicKey(ekX);
  return { enc: concat(cipherText, ctX), secret: combine(sharedSecret, x25519.getSharedSecret(ekX, pkX), ctX, pkX) };
}
function decapsulate(enc, seed) {
  const { mlkem, skX, pkX } = expandSeed(seed), ctX = enc.subarray(1088);
  return combine(ml_kem768.decapsulate(enc.subarray(0, 1088), mlkem.secretKey), x25519.getSharedSecret(skX, ctX), ctX, pkX);
}

// HPKE (RFC 9180 §4, §5.1, §5.3): base mode, KEM 0x647a, KDF 0x0001, AEAD 0x0003; only the exporter is used.
const SUITE = concat('HPKE', unhex('647a00010003'));
const labeledExtract = (salt, label, ikm) => extract(sha256, concat('HPKE-v1', SUITE, label, ikm), salt);
const labeledExpand = (prk, label, info, length) => expand(sha256, prk, concat(big(length, 2), 'HPKE-v1', SUITE, label, info), length);
function exportSecret(shared, info, context) {
  const none = new Uint8Array();
  const keyContext = concat(Uint8Array.of(0), labeledExtract(none, 'psk_id_hash', none), labeledExtract(none, 'info_hash', info));
  const secret = labeledExtract(shared, 'secret', none);
  return labeledExpand(labeledExpand(secret, 'exp', keyContext, 32), 'sec', utf8(context), 32);
}

/** "parley/v1/epoch\0" ‖ the opening's map without key 6 */
export function infoOf(opening) {
  const map = decode(payloadOf('opening', opening));
  map.delete(6);
  return concat('parley/v1/epoch\0', encode(map));
}
const direction = (shared, opening) => exportSecret(shared, infoOf(opening), 'parley/v1/direction');

/** ENVELOPE §2, the sender's side. */
export function openEpoch({ line, from, to, prekey, stationSeed }) {
  const { enc, secret } = encapsulate(prekey);
  const opening = { line, roster: line, from, to, prekey: sha(prekey), enc, epoch: new Uint8Array(randomBytes(8)) };
  return { id: opening.epoch, secret: direction(secret, opening), opening: signStatement('opening', opening, stationSeed) };
}
/** The addressee's side; `seedOf(hash)` finds a prekey. Refuses with "opening" or "prekey". */
export function acceptOpening(bytes, { line, peer, me, stationKey, seedOf }) {
  let o;
  try { o = openStatement('opening', bytes, stationKey); } catch (e) { must(false, 'opening', e.message); }
  must(equal(o.line, line) && equal(o.roster, line) && o.from === peer && o.to === me, 'opening', 'of another line or party');
  const seed = seedOf(o.prekey);
  must(seed, 'prekey', 'not held');
  let shared;
  try { shared = decapsulate(o.enc, seed); } catch (e) { must(false, 'opening', e.message); }
  return { id: o.epoch, secret: direction(shared, o), prekey: o.prekey };
}

// §3 sealing
const NONCE = new Uint8Array(12);
const keyOf = (secret, salt, form) => hkdf(sha256, secret, salt, concat('parley/v1/seal\0', Uint8Array.of(form)), 32);
const aadOf = (tag, form, epoch, salt) => encode([1, tag, form, epoch, salt]);
export const WIDE = 1, NARROW = 2;

export function sealBundle(bundle, { tag, form, epoch }) {
  const salt = new Uint8Array(randomBytes(16));
  const plain = form === WIDE ? pad(bundle) : bundle;
  return { tag, form, epoch: epoch.id, salt, ciphertext: chacha20poly1305(keyOf(epoch.secret, salt, form), NONCE, aadOf(tag, form, epoch.id, salt)).encrypt(plain) };
}
/** "Any failure […] MUST look the same from outside: cannot open". */
export function openBundle({ tag, form, epoch, salt, ciphertext }, secret) {
  try {
    const plain = chacha20poly1305(keyOf(secret, salt, form), NONCE, aadOf(tag, form, epoch, salt)).decrypt(ciphertext);
    return form === WIDE ? unpad(plain) : plain;
  } catch { must(false, 'cannot open', ''); }
}

// §5 padding
function padme(n) {
  if (n <= 1024) return 1024;
  const e = Math.floor(Math.log2(n)), s = Math.floor(Math.log2(e)) + 1, unit = 2 ** (e - s);
  return Math.ceil(n / unit) * unit;
}
export function pad(bundle) {
  const out = new Uint8Array(padme(bundle.length + 1));
  out.set(bundle);
  out[bundle.length] = 0x80;
  return out;
}
export function unpad(padded) {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  must(end >= 0 && padded[end] === 0x80 && padded.length === padme(end + 1), 'malformed', 'padding');
  return padded.slice(0, end);
}
