// Bytes and their writings. MESSAGE: "Hashes are SHA-256; ‖ joins bytes; a text in quotes stands for its bytes in UTF-8".
import { sha256 } from '@noble/hashes/sha2.js';

/** A refusal of what was read: `reason` is the outcome that the specification names. */
export class Refused extends Error {
  constructor(reason, message) {
    super(`${reason}: ${message ?? ''}`);
    this.reason = reason;
  }
}
export const refuse = (reason, message) => { throw new Refused(reason, message); };
export const must = (holds, reason, message) => { if (!holds) refuse(reason, message); };

export const utf8 = (text) => new TextEncoder().encode(text);
/** Strict: no replacement characters, and U+FEFF is a character like any other. */
export const fromUtf8 = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
export const hex = (bytes) => Buffer.from(bytes).toString('hex');
export const unhex = (text) => new Uint8Array(Buffer.from(text, 'hex'));
export const b64 = (bytes) => Buffer.from(bytes).toString('base64');
/** RFC 4648 §4, padded, unused bits zero: what is read must be what would be written. */
export function unb64(text, reason = 'malformed') {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'));
  must(b64(bytes) === text, reason, 'base64');
  return bytes;
}
const bytesOf = (part) => (typeof part === 'string' ? utf8(part) : part);
export const concat = (...parts) => new Uint8Array(Buffer.concat(parts.map(bytesOf)));
export const equal = (a, b) => Buffer.compare(a, b) === 0;
export const compare = (a, b) => Buffer.compare(bytesOf(a), bytesOf(b));
export const isZero = (bytes) => bytes.every((b) => b === 0);
export const sha = (...parts) => sha256(concat(...parts));
/** n as `length` bytes, highest first. */
export function big(n, length) {
  const out = new Uint8Array(length);
  for (let i = length - 1, rest = BigInt(n); i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 255n);
  return out;
}
export const unbig = (bytes) => small(bytes.reduce((n, b) => (n << 8n) | BigInt(b), 0n));
/** A number where it is exact, else a BigInt; the two compare with each other. */
export const small = (n) => (n <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(n) : n);
/** Are the items ascending by byte, each once? */
export const ascending = (items, key = (x) => x) => items.every((x, i) => i === 0 || compare(key(items[i - 1]), key(x)) < 0);
