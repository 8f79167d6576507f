// MESSAGE §5: entries; ENVELOPE §5: narrow entries.
import { equal, isZero, must, sha, Refused } from './bytes.mjs';
import { bytes, decode, encode, hasBadText, list, readAs, struct, tuple, uint, writeAs } from './cbor.mjs';
import { assemble, readSigned } from './cose.mjs';
import { eightBytes, hash, logId, number, seen, size, time } from './names.mjs';
import { readContent } from './content.mjs';

const MAX_ENTRY = 45056, MAX_SIGNED = 40960;
const version = uint(1, (1n << 64n) - 1n);
const signed = { ...bytes(undefined, (x) => x.length > 0), read(x) {
  must(x instanceof Uint8Array && x.length > 0, 'malformed', 'nothing inside');
  must(x.length <= MAX_SIGNED, 'limit', 'inside');
  return x;
} };
const header = { version: [1, version], log: [2, logId], number: [3, number], previous: [4, hash], seen: [5, seen, true], time: [6, time] };
/** "zeros for number 1, and only there" */
const first = (e) => must((e.number === 1) === isZero(e.previous), 'malformed', 'previous');
const headerShape = struct(header, first);
const entryShape = struct({ ...header, signed: [7, signed] }, first);

export const leafHash = (entry) => sha(Uint8Array.of(0), entry);

/** Keys 1 to 6, of any version, "followed by any keys above 6 with any values that §1 allows". */
export function readHeader(data) {
  must(data.length <= MAX_ENTRY, 'limit', 'entry');
  const map = decode(data);
  must(map instanceof Map && !hasBadText(map), 'malformed', 'entry');
  return headerShape.read(new Map([...map].filter(([key]) => key <= 6)));
}
export function readEntry(data) {
  const { version: v } = readHeader(data);
  must(v === 1, 'version', v);
  return readAs(entryShape, data);
}
export const writeEntry = (entry) => writeAs(entryShape, { version: 1, ...entry });

// ENVELOPE §5. `from`: { line, log, peerLog, previous }. Whatever is wrong is "form": it cannot be made whole.
const narrowShape = tuple(number, time, size, list(tuple(eightBytes, bytes(64)), 1, 8), { read: (x) => x, write: (x) => x });
export function widen(data, { line, log, peerLog, previous }) {
  try {
    const [n, at, held, signers, map] = readAs(narrowShape, data);
    must(map instanceof Map && !map.has(1), 'form', 'content');
    const content = encode(new Map([[1, line], ...map]));
    readContent(content);
    const inside = assemble(content, signers.map(([id, signature]) => ({ id, signature })));
    readSigned(inside);
    return writeEntry({ log, number: n, previous, seen: held === 0 ? undefined : [[peerLog, held]], time: at, signed: inside });
  } catch (e) {
    if (e instanceof Refused) throw new Refused('form', e.message);
    throw e;
  }
}
/** The narrow form of an entry, or undefined where it goes in the wide one. */
export function narrow(data, { line, log, peerLog, previous }) {
  try {
    const e = readEntry(data);
    const { content, signatures } = readSigned(e.signed);
    const map = decode(content);
    map.delete(1);
    const out = writeAs(narrowShape, [e.number, e.time, e.seen?.[0][1] ?? 0, signatures.map((s) => [s.id, s.signature]), map]);
    return equal(widen(out, { line, log, peerLog, previous }), data) ? out : undefined;
  } catch (e) {
    if (e instanceof Refused) return undefined;
    throw e;
  }
}
