// GENERATION §3: a renewal and its closing, by which a log goes on under another name.
import { equal, hex, must } from './bytes.mjs';
import { bytes, readAs, tuple } from './cbor.mjs';
import { openStatement } from './statements.mjs';

const MAX_STATEMENT = 1024;
const shape = tuple(bytes(), bytes());

/** Judges the next generation of the log of `side`; `before` is the newest that is known, as this gave it. */
export function readGeneration(data, { line, side, other, before }) {
  must(data.length <= MAX_STATEMENT, 'limit', 'a generation statement');
  const [r, c] = readAs(shape, data);
  const renewal = openStatement('renewal', r, side.logKey), closing = openStatement('closing', c, other.receipt);
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
