// FRAME §2: frames; ENVELOPE §6: bundles; FRAME §4: pouch files.
import { big, concat, equal, must, sha, unbig, utf8 } from './bytes.mjs';
import { bytes, decode, encode, list, readAs, tuple, uint } from './cbor.mjs';
import { eightBytes } from './names.mjs';

export const MAX_FRAME = 65536;
const MAX_OPENING = 24576, MAX_POUCH_BODY = 1048576, MAGIC = utf8('parley pouch v1\n');
const malformed = (ok, what) => must(ok, 'malformed', what);

/** "first 8 bytes of SHA-256("parley/v1/tag\0" ‖ line id ‖ party that sends)" */
export const tagOf = (line, party) => sha('parley/v1/tag\0', line, party).subarray(0, 8);

const frameShape = tuple(uint(1, 1), eightBytes, bytes(), uint(1, 2), eightBytes, bytes(16), bytes(undefined, (x) => x.length >= 16));
export function readFrame(data) {
  must(data.length <= MAX_FRAME, 'limit', 'frame');
  const value = decode(data);
  malformed(Array.isArray(value) && value.length > 0, 'frame');
  must(typeof value[0] !== 'number' || value[0] === 1, 'version', value[0]);
  const [, tag, opening, form, epoch, salt, ciphertext] = frameShape.read(value);
  must(opening.length <= MAX_OPENING, 'limit', 'opening');
  return { tag, opening, form, epoch, salt, ciphertext };
}
export const writeFrame = ({ tag, opening, form, epoch, salt, ciphertext }) => encode([1, tag, opening ?? new Uint8Array(), form, epoch, salt, ciphertext]);

const bundleShape = list(tuple(uint(1, (1n << 64n) - 1n), bytes()), 1, 512);
export function readBundle(data) {
  must(data.length <= MAX_FRAME, 'limit', 'bundle');
  return readAs(bundleShape, data);
}
export const writeBundle = (parts) => encode(parts);
export const PART = { entry: 1, narrow: 2, checkpoint: 3, cosigned: 4, receipt: 5, refusal: 6, report: 7, prekeys: 8, closed: 9, check: 10, unknown: 11 };

export const prefixed = (frame) => concat(big(frame.length, 4), frame);

export function writePouch(frames) {
  const body = concat(...frames.map(prefixed));
  const head = concat(MAGIC, big(body.length, 4), body), sum = sha(head);
  return { name: `${Buffer.from(sum.subarray(0, 16)).toString('hex')}.pouch`, bytes: concat(head, sum) };
}
export function readPouch(data) {
  malformed(data.length >= 52 && equal(data.subarray(0, 16), MAGIC), 'pouch');
  const length = unbig(data.subarray(16, 20)), end = data.length - 32;
  malformed(length <= MAX_POUCH_BODY && 20 + length === end && equal(sha(data.subarray(0, end)), data.subarray(end)), 'pouch');
  const frames = [];
  for (let at = 20; at < end;) {
    malformed(at + 4 <= end, 'length');
    const size = unbig(data.subarray(at, at + 4));
    malformed(size >= 1 && size <= MAX_FRAME && at + 4 + size <= end, 'frame in a pouch');
    frames.push(data.slice(at + 4, at + 4 + size));
    at += 4 + size;
  }
  malformed(frames.length > 0, 'no frame');
  return frames;
}
