// TRANSCRIPT §8: what officers decide about a fork of the other party's log, as the body of a text.
import { equal, hex, must, unhex } from './bytes.mjs';
import { Cursor, decimal } from './lines.mjs';
import { joinSealed, splitSealed } from './notes.mjs';
import { EMPTY_ROOT } from './tree.mjs';

const TITLE = 'parley-decision v1', MAX_BODY = 32768, MAX_SIZE = 2 ** 40, MAX_OTHER = 32;
const malformed = (ok, what) => must(ok, 'malformed', what);
const bytesOf = (text, length) => {
  malformed(text.length === 2 * length && /^[0-9a-f]*$/.test(text), 'hexadecimal');
  return unhex(text);
};
const markLine = (keyword, { size, root }) => `${keyword} ${size} ${hex(root)}`;

export function readDecision(bytes) {
  const cursor = new Cursor(splitSealed(bytes, TITLE, MAX_BODY), 1);
  const mark = (keyword) => {
    const [size, root] = cursor.fields(keyword, 2), m = { size: decimal(size, 0, MAX_SIZE), root: bytesOf(root, 32) };
    malformed(m.size > 0 || equal(m.root, EMPTY_ROOT), 'the root of the empty log');
    return m;
  };
  const d = { log: bytesOf(cursor.take('log'), 16), held: mark('held'), other: cursor.many('other', () => mark('other')) };
  cursor.end();
  malformed(d.other.length <= MAX_OTHER, 'too many');
  malformed(equal(bytes, writeDecision(d)), 'another writing');
  return d;
}
export const writeDecision = (d) => joinSealed([TITLE, `log ${hex(d.log)}`, markLine('held', d.held), ...d.other.map((m) => markLine('other', m))]);
