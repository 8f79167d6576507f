// MESSAGE §3: content, and §6: when it is believed.
import { ascending, equal, hex, must, utf8 } from './bytes.mjs';
import { BadText, decode, list, struct, tuple, uint, writeAs } from './cbor.mjs';
import { readSigned, verifyOfficer } from './cose.mjs';
import { applyChange, readChange } from './change.mjs';
import { checkText, desk, draftId, language, lineId, logId, number, someTime } from './names.mjs';
import { quorumOf, sideOf } from './roster.mjs';

export const CHANGE = 3;
const ACKNOWLEDGEMENT = 2, REPLY_BY = 7;
const MAX_BODY = 32768, MAX_CONTENT = 36864;
const malformed = (ok, what) => must(ok, 'malformed', what);

const answer = struct({ answer: [1, uint(1, 7)], by: [2, someTime, true] },
  (a) => malformed((a.answer === REPLY_BY) === (a.by !== undefined), 'a time exactly in reply-by'));
const desks = list(desk, 1, 8);
const to = { ...desks, read(x) {
  const out = desks.read(x);
  malformed(ascending(out), 'to is not sorted');
  return out;
} };
const body = { write: (x) => x, read(x) {
  must(!(x instanceof BadText), 'text', 'not UTF-8');
  malformed(typeof x === 'string' && x !== '', 'body');
  must(utf8(x).length <= MAX_BODY, 'limit', 'body');
  checkText(x);
  return x;
} };

export const contentShape = struct({
  line: [1, lineId], draft: [2, draftId], from: [3, desk], to: [4, to], precedence: [5, uint(1, 4)], status: [6, uint(1, 2)],
  kind: [7, uint(1, 3)], references: [8, list(tuple(logId, number), 1, 16), true], expires: [9, someTime, true],
  language: [10, language], body: [11, body, true], answer: [12, answer, true],
}, (c) => {
  malformed((c.kind === ACKNOWLEDGEMENT) === (c.answer !== undefined), 'an answer exactly in an acknowledgement');
  malformed(c.kind !== ACKNOWLEDGEMENT || c.references?.length === 1, 'exactly one reference');
  malformed(c.kind === ACKNOWLEDGEMENT || c.body !== undefined, 'a body');
  // CHANGE §2: "real, has a body, and has no references, no answer and no time at which it expires"
  malformed(c.kind !== CHANGE || (c.status === 1 && !c.references && c.expires === undefined), 'a change is real and refers to nothing');
});
export function readContent(bytes) {
  must(bytes.length <= MAX_CONTENT, 'limit', 'content');
  const content = contentShape.read(decode(bytes));
  if (content.kind === CHANGE) content.change = readChange(utf8(content.body));
  return content;
}
export const writeContent = (content) => writeAs(contentShape, content);

/** A party's side as it is in force, and what its log said before: the state that §6 needs. */
export class Belief {
  constructor(roster, party) {
    Object.assign(this, { roster, party, drafts: new Map(), side: sideOf(roster, party), changes: 0, ended: [], everKeys: undefined });
  }
  /** What is said, whether it is believed or not. */
  peek(signedBytes) { return readContent(readSigned(signedBytes).content); }
  /** Judges the COSE_Sign of entry `n`; gives its content or refuses with the reason. Ahead of a gap no change is believed
   *  (CHANGE §4); an entry that was believed there is judged again in its place, by the roster that is in force then. */
  judge(signedBytes, n, { ahead = false } = {}) {
    const { content: bytes, signatures } = readSigned(signedBytes);
    const content = readContent(bytes);
    const { side, roster } = this;
    must(equal(content.line, roster.lineId), 'line', 'of another line');
    must(side.desks.includes(content.from), 'desk', `from ${content.from}`);
    const known = roster.sides.flatMap((s) => s.desks);
    const own = content.to.some((d) => !d.startsWith(this.party + '/'));
    must(own && content.to.every((d) => known.includes(d)), 'addressee', content.to.join());
    must(signatures.length === quorumOf(roster.terms, content.precedence, content.kind), 'quorum', `${signatures.length} signed`);
    const officers = signatures.map((s) => {
      const officer = side.officers.find((o) => equal(o.id, s.id));
      must(officer, 'officer', hex(s.id));
      must(!content.change?.leave.some((l) => equal(l.id, s.id)), 'officer', 'signs what ends their own key');
      return officer;
    });
    officers.forEach((o, i) => must(verifyOfficer(bytes, signatures[i], o.key), 'signature', o.name));
    officers.forEach((o) => must(o.desks.includes(content.from), 'desk', `${o.name} may not release for ${content.from}`));
    if (content.kind === CHANGE) {
      must(!ahead, 'change', 'ahead of a gap');
      Object.assign(this, applyChange(this, content.change, n));
    } else {
      // "of two, the one judged first is believed"
      const draft = hex(content.draft), taken = this.drafts.get(draft) ?? n;
      must(taken === n, 'replay', `entry ${taken} has the draft`);
      this.drafts.set(draft, n);
    }
    return { ...content, officers };
  }
}
