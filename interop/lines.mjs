// ROSTER §1: files of lines. A reader here takes lines one by one; what it made of them is printed again and compared.
import { concat, equal, fromUtf8, must, utf8 } from './bytes.mjs';

const MAX_FILE = 65536;

/** The lines of a file, without END, which is checked. Every fault is "malformed". */
export function readLines(bytes, title, max = MAX_FILE) {
  must(bytes.length <= max, 'malformed', 'too long');
  let text;
  try { text = fromUtf8(bytes); } catch { must(false, 'malformed', 'not UTF-8'); }
  must(text.endsWith('\n') && !text.includes('\r') && !text.startsWith('\ufeff'), 'malformed', 'lines');
  const lines = text.slice(0, -1).split('\n');
  must(lines[0] === title, 'malformed', `the title is not ${title}`);
  must(lines.at(-1) === `END ${lines.length}`, 'malformed', 'END');
  return new Cursor(lines.slice(0, -1), 1);
}
export const printLines = (lines) => concat(...[...lines, `END ${lines.length + 1}`].map((line) => line + '\n'));
export function mustPrint(bytes, lines, what) {
  must(equal(bytes, printLines(lines)), 'malformed', `${what} has another writing`);
}
export const textOf = (lines) => utf8(lines.map((line) => line + '\n').join(''));

export class Cursor {
  constructor(lines, at = 0) { Object.assign(this, { lines, at }); }
  get done() { return this.at >= this.lines.length; }
  is(keyword) { return !this.done && (this.lines[this.at] === keyword || this.lines[this.at].startsWith(keyword + ' ')); }
  /** What stands behind this keyword, which must come now. */
  take(keyword) {
    must(this.is(keyword), 'malformed', `${keyword} is missing in line ${this.at + 1}`);
    return this.lines[this.at++].slice(keyword.length + 1);
  }
  /** The same, as `count` fields; the last may hold spaces. */
  fields(keyword, count) {
    const parts = this.take(keyword).split(' ');
    must(parts.length >= count, 'malformed', `${keyword} has too few fields`);
    return [...parts.slice(0, count - 1), parts.slice(count - 1).join(' ')];
  }
  many(keyword, read) {
    const out = [];
    while (this.is(keyword)) out.push(read());
    return out;
  }
  end() { must(this.done, 'malformed', `line ${this.at + 1} does not belong here`); }
}
/** A decimal number without leading zeros. */
export function decimal(text, min, max) {
  must(/^(0|[1-9][0-9]{0,18})$/.test(text) && BigInt(text) >= BigInt(min) && BigInt(text) <= BigInt(max), 'malformed', `number ${text}`);
  return Number(text);
}
