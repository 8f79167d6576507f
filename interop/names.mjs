// ROSTER §2: names; MESSAGE §2: text; MESSAGE §1: the shapes that every format shares.
import { bytes, list, text, tuple, uint } from './cbor.mjs';
import { ascending, compare, isZero, must, utf8 } from './bytes.mjs';
import { isMark, isName, isStack, isText } from './unicode15.mjs';

export const MAX_TIME = 253402300799999, MAX_NUMBER = (1n << 62n) - 1n;
const PARTY = /^[a-z][a-z0-9-]{0,31}$/;
const LANGUAGE = /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/; // ROSTER §2
const LANGUAGE_OF_BODY = /^[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*$/; // MESSAGE §3
const malformed = (ok, what) => must(ok, 'malformed', what);

export const isParty = (s) => PARTY.test(s);
export const isDesk = (s) => s.split('/').length === 2 && s.split('/').every(isParty);
export const checkParty = (s) => malformed(isParty(s), `party ${s}`);
export const checkDesk = (s) => malformed(isDesk(s), `desk ${s}`);
export function checkLanguage(s, pattern = LANGUAGE) {
  must(s.length <= 35, 'limit', 'language');
  malformed(pattern.test(s), `language ${s}`);
}
/** "1 to 64 bytes in NFC of letters, marks, decimal digits […], space and . ' ’ -; […] not beginning with a mark" */
export function checkOfficerName(s) {
  const codes = [...s].map((c) => c.codePointAt(0));
  malformed(s.length > 0 && utf8(s).length <= 64 && s.normalize('NFC') === s && !isMark(codes[0]), `officer ${s}`);
  malformed([...s].every((c, i) => (isName(codes[i]) && !/\p{Variation_Selector}/u.test(c)) || " .'’-".includes(c)), `officer ${s}`);
  malformed(!/^ | $| {2}/.test(s), `spaces in officer ${s}`);
}

const ALLOWED_FORMATS = new Set([0x0a, 0x09, 0x200c, 0x200d, 0x200e, 0x200f, 0x061c]);
/** MESSAGE §2. Characters first: a normalization of a later Unicode agrees about those that Unicode 15.0.0 has. */
export function checkText(s) {
  for (const c of s) must(ALLOWED_FORMATS.has(c.codePointAt(0)) || isText(c.codePointAt(0)), 'text', `U+${c.codePointAt(0).toString(16)}`);
  must(s.normalize('NFC') === s, 'text', 'not in NFC');
  let row = 0;
  for (const c of s.normalize('NFD')) {
    row = isStack(c.codePointAt(0)) ? row + 1 : 0;
    must(row <= 30, 'text', 'a tower of marks');
  }
}

export const party = text(checkParty), desk = text(checkDesk), language = text((s) => checkLanguage(s, LANGUAGE_OF_BODY));
export const time = uint(0, MAX_TIME, 'limit'), someTime = uint(1, MAX_TIME, 'limit');
export const number = uint(1, MAX_NUMBER, 'limit'), size = uint(0, MAX_NUMBER, 'limit'), someSize = number;
export const hash = bytes(32), lineId = bytes(32), logId = bytes(16), eightBytes = bytes(8);
export const draftId = bytes(16, (x) => !isZero(x));
export const reference = tuple(logId, number);
const seenList = list(tuple(logId, number), 1, 16);
export const seen = {
  ...seenList,
  read(x) {
    const out = seenList.read(x);
    malformed(ascending(out, ([log]) => log), 'seen is not sorted');
    return out;
  },
};
export const sorted = (items) => [...items].sort(compare);
