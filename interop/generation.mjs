// GENERATION §3: a renewal and its closing, by which a log goes on under another name.
import { Refused, equal, hex, must } from './bytes.mjs';
import { bytes, readAs, tuple } from './cbor.mjs';
import { read1 } from './cose.mjs';
import { openStatement, readPayload } from './statements.mjs';

const MAX_STATEMENT = 1024;
const shape = tuple(bytes(), bytes());

/** Judges the next generation of the log of `side`; `before` is the newest that is known, as this gave it. §8: the renewal is
 *  by the log key that stands in the side behind the close, which `logKeyBehind(size)` gives. */
export function readGeneration(data, { line, side, other, before, logKeyBehind = () => side.logKey }) {
  must(data.length <= MAX_STATEMENT, 'limit', 'a generation statement');
  const [r, c] = readAs(shape, data);
  const closing = openStatement('closing', c, other.receipt), renewal = openStatement('renewal', r, logKeyBehind(closing.size));
  const next = (ok, what) => must(ok, 'generation', what);
  for (const s of [renewal, closing]) next(equal(s.line, line) && s.party === side.party, 'of another line or log');
  const known = before?.known ?? [side.log, other.log];
  next(!known.some((id) => equal(id, renewal.id)), 'a name that is taken');
  next(equal(closing.opened, renewal.id), `it opens ${hex(closing.opened)}`);
  next(equal(closing.closed, before?.renewal.id ?? side.log), 'it closes a generation that is not the newest');
  if (before) next(renewal.time > before.renewal.time && closing.size >= before.closing.size, 'before the one before it');
  return { renewal, closing, known: [...known, renewal.id] };
}
/** The same where its predecessors are not at hand: whatever it closes is taken to be the newest. */
export function readLast(data, { line, side, other }) {
  const [, c] = readAs(shape, data), { closed } = openStatement('closing', c, other.receipt);
  const from = equal(closed, side.log) ? undefined : { renewal: { id: closed, time: 0 }, closing: { size: 0 }, known: [side.log, other.log, closed] };
  return readGeneration(data, { line, side, other, before: from });
}

/** What a statement claims, whoever signed it. */
export function claimedGeneration(data) {
  const [renewal, closing] = readAs(shape, data).map((b, i) => readPayload(['renewal', 'closing'][i], read1(b).payload));
  return { from: Number(closing.size) + 1, renewed: renewal.time, closed: closing.time, closing };
}
/** The same of all statements of a log, as far as they can be read. */
export function claimedGenerations(statements) {
  const out = [];
  try { for (const data of statements) out.push(claimedGeneration(data)); } catch (e) { if (!(e instanceof Refused)) throw e; }
  return out;
}
/** The names of a log: "A generation has the entries from the one behind the close of the generation before it." keys: of the other
 *  party; own: of the log's. */
export function namesOf(statements, whose, keys, own) {
  const names = [{ id: whose.side.log, from: 1, logKey: whose.side.logKey }], logKeyBehind = (size) => own.logBehind(size);
  let before;
  for (const data of statements) {
    before = keys.open('closing', (receipt) => {
      const g = readGeneration(data, { ...whose, other: { ...whose.other, receipt }, before, logKeyBehind });
      return { ...g, size: g.closing.size };
    });
    names.push({ id: before.renewal.id, from: Number(before.size) + 1, closing: before.closing, logKey: logKeyBehind(before.size) });
  }
  return names;
}
/** §1: what entry n of the other party's log says to have seen counts up to the close of a generation that it was written beside. */
export const sawOf = (names, n, held) => names.reduce((seen, { closing }) => (closing && n <= (closing.own ?? 0) && seen > closing.size ? closing.size : seen), held);
const generationAt = (names, n) => names.findLast((g) => g.from <= n) ?? names[0];
export const nameAt = (names, n) => generationAt(names, n).id;
/** What a note of size n must name, and be by. */
export const signerAt = (names, n) => signer(generationAt(names, n));
const signer = ({ id, logKey }) => ({ log: id, logKey });
/** §7: "A cosignature by the closer, in a generation that it closed, of a size above key 4 proves that it closed too low." */
export function mustNotDeny(names, { log, size }, verify) {
  const closed = names.find((g, k) => equal(g.id, log) && names[k + 1]?.from <= size);
  if (!closed) return;
  try { verify(signer(closed)); } catch (e) { if (e instanceof Refused) return; throw e; }
  must(false, 'closing', `${size} entries are cosigned of a generation that was closed below`);
}
