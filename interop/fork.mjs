// TRANSCRIPT §5: "Two checkpoints by one log key that no single log can have prove that the party signed two histories."
import { equal, hex, must, refuse, unhex } from './bytes.mjs';
import { Cursor } from './lines.mjs';
import { joinSealed, quoteNote, readCheckpoint, splitSealed, unquoteNote } from './notes.mjs';
import { verifyConsistency } from './tree.mjs';

const MAX_FORK = 65536;
const readHash = (text) => {
  must(/^[0-9a-f]{64}$/.test(text), 'malformed', 'hash');
  return unhex(text);
};

/** Gives the party that signed both; refuses what proves nothing. */
export function verifyFork(bytes, roster) {
  const lines = splitSealed(bytes, 'parley-fork v1', MAX_FORK);
  const cursor = new Cursor(lines, 1);
  const note = () => { cursor.take('checkpoint'); return unquoteNote(cursor); };
  const smaller = note(), larger = note();
  const prefix = cursor.is('prefix') ? readHash(cursor.take('prefix')) : undefined;
  const proof = cursor.many('proof', () => readHash(cursor.take('proof')));
  cursor.end();
  must(equal(bytes, joinSealed(forkLines(smaller, larger, prefix, proof))), 'malformed', 'another writing');
  const [one, id = hex(one.log)] = [roster.sides[0], /^parley\/v1\/[0-9a-f]{64}\/([0-9a-f]{32})\n/.exec(Buffer.from(smaller).toString())?.[1]];
  const read = (n, side, log) => readCheckpoint(n, { line: roster.lineId, log, logKey: side.logKey });
  const signed = (side) => { try { return read(smaller, side, unhex(id)); } catch { return undefined; } };
  // "The id may be that of a later generation …: then it is the log of the party by whose log key the first note is; log if it is by neither."
  const whose = roster.sides.find((s) => hex(s.log) === id) ?? roster.sides.find(signed);
  const [a, b] = [smaller, larger].map((n) => read(n, whose ?? one, whose ? unhex(id) : one.log));
  must(a.size <= b.size, 'malformed', 'the larger stands first');
  if (a.size === b.size) {
    must(!prefix && proof.length === 0, 'malformed', 'one size needs no further proof');
    must(!equal(a.root, b.root), 'bad proof', 'both are one');
  } else {
    if (!prefix) refuse('bad proof', 'nothing connects the two sizes');
    verifyConsistency({ from: a.size, fromRoot: prefix, to: b.size, toRoot: b.root, proof });
    must(!equal(prefix, a.root), 'bad proof', 'the larger log begins with the smaller');
  }
  return { party: whose.party, sizes: [a.size, b.size] };
}
const forkLines = (smaller, larger, prefix, proof) => ['parley-fork v1', 'checkpoint', ...quoteNote(smaller), 'checkpoint', ...quoteNote(larger),
  ...(prefix ? [`prefix ${hex(prefix)}`] : []), ...proof.map((h) => `proof ${hex(h)}`)];
