// MESSAGE §1: "CBOR in the core deterministic encoding of RFC 8949 §4.2.1 […]: unsigned integers, byte strings, text
// strings, arrays and maps; no tags, floats, negative integers […], null, booleans or undefined values. Map keys are
// unsigned integers, in ascending order, each once."
//
// Here: numbers (BigInt above 2^53−1), Uint8Array, string, Array and Map. Text that is not UTF-8 becomes BadText, because
// a body of such bytes is refused as "text" and everything else as "malformed".
import { big, concat, equal, fromUtf8, must, small, utf8 } from './bytes.mjs';

const MAX_ITEMS = 512, MAX_PAIRS = 23, MAX_LEVELS = 8; // MESSAGE §1, the table of limits

export class BadText {
  constructor(bytes) { this.bytes = bytes; }
}

function head(major, n) {
  const top = major << 5;
  if (n < 24) return Uint8Array.of(top | Number(n));
  const log = n <= 0xff ? 0 : n <= 0xffff ? 1 : n <= 0xffffffff ? 2 : 3;
  return concat(Uint8Array.of(top | (24 + log)), big(n, 1 << log));
}

export function encode(value) {
  if (typeof value === 'number' || typeof value === 'bigint') return head(0, value);
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  if (value instanceof BadText) return concat(head(3, value.bytes.length), value.bytes);
  if (typeof value === 'string') return concat(head(3, utf8(value).length), utf8(value));
  if (Array.isArray(value)) return concat(head(4, value.length), ...value.map(encode));
  if (value instanceof Map) {
    const pairs = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
    return concat(head(5, pairs.length), ...pairs.flatMap(([k, v]) => [encode(k), encode(v)]));
  }
  throw new TypeError(`cannot encode ${value}`);
}

/** "A reader MUST decode, encode what it decoded, and compare the result with the whole of what it was given". */
export function decode(bytes, maxItems = MAX_ITEMS) {
  let at = 0;
  const take = (n) => {
    must(at + n <= bytes.length, 'malformed', 'cut off');
    return bytes.subarray(at, (at += n));
  };
  const read = (level) => {
    const [first] = take(1);
    const major = first >> 5, info = first & 31;
    must(major <= 5 && major !== 1 && info <= 27, 'malformed', `a byte ${first} begins nothing that is used`);
    const raw = info < 24 ? BigInt(info) : BigInt('0x' + Buffer.from(take(1 << (info - 24))).toString('hex'));
    const n = small(raw);
    if (major === 0) return n;
    if (major === 2) return new Uint8Array(take(Number(n)));
    if (major === 3) {
      const text = take(Number(n));
      try { return fromUtf8(text); } catch { return new BadText(new Uint8Array(text)); }
    }
    must(level < MAX_LEVELS, 'limit', 'levels');
    if (major === 4) {
      must(n <= maxItems, 'limit', 'items of an array');
      return Array.from({ length: n }, () => read(level + 1));
    }
    must(n <= MAX_PAIRS, 'limit', 'pairs of a map');
    const map = new Map();
    for (let i = 0, last = -1; i < n; i++) {
      const key = read(level + 1);
      must(typeof key === 'number' || typeof key === 'bigint', 'malformed', 'a key that is no number');
      must(key > last, 'malformed', 'keys out of order');
      map.set((last = key), read(level + 1));
    }
    return map;
  };
  const value = read(0);
  must(equal(encode(value), bytes), 'malformed', 'not the one encoding');
  return value;
}

/** Does text that is not UTF-8 stand anywhere in it? */
export function hasBadText(value) {
  if (value instanceof BadText) return true;
  if (Array.isArray(value)) return value.some(hasBadText);
  return value instanceof Map && [...value.values()].some(hasBadText);
}

// Shapes: a rule of CDDL as something that reads a decoded value into an object and writes it back.

const MALFORMED = (ok, what) => must(ok, 'malformed', what);
const plain = (read) => ({ read, write: (x) => x });
/** What is above `max` is over the limit where MESSAGE §1 lists one, else it is malformed. */
export const uint = (min, max, over = 'malformed') => plain((x) => {
  MALFORMED((typeof x === 'number' || typeof x === 'bigint') && x >= min, 'number');
  must(x <= max, over, `${x} is more than ${max}`);
  return x;
});
export const bytes = (size, check = () => true) => plain((x) => {
  MALFORMED(x instanceof Uint8Array && (size === undefined || x.length === size) && check(x), 'byte string');
  return x;
});
export const text = (check) => plain((x) => {
  MALFORMED(typeof x === 'string', 'text string');
  check(x);
  return x;
});
export const list = (item, min, max) => ({
  read(x) {
    MALFORMED(Array.isArray(x) && x.length >= min, 'list');
    must(x.length <= max, 'limit', `${x.length} items`);
    return x.map(item.read);
  },
  write: (x) => x.map(item.write),
});
export const tuple = (...items) => ({
  read(x) {
    MALFORMED(Array.isArray(x) && x.length === items.length, 'array');
    return x.map((v, i) => items[i].read(v));
  },
  write: (x) => x.map((v, i) => items[i].write(v)),
});
/** fields: { name: [key, shape, optional] }. "Unknown keys […] are malformed". */
export function struct(fields, check = () => {}) {
  const known = Object.values(fields).map(([key]) => key);
  return {
    read(x) {
      MALFORMED(x instanceof Map, 'map');
      for (const key of x.keys()) MALFORMED(known.includes(key), `key ${key}`);
      const out = {};
      for (const [name, [key, shape, optional]] of Object.entries(fields)) {
        if (x.has(key)) out[name] = shape.read(x.get(key));
        else MALFORMED(optional, `${name} is missing`);
      }
      check(out);
      return out;
    },
    write: (object) => new Map(Object.entries(fields).filter(([name]) => object[name] !== undefined)
      .map(([name, [key, shape]]) => [key, shape.write(object[name])])),
  };
}
export const readAs = (shape, data) => shape.read(decode(data));
/** "A writer MUST NOT write what a reader would refuse." */
export function writeAs(shape, value) {
  const data = encode(shape.write(value));
  shape.read(decode(data));
  return data;
}
