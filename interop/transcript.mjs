// TRANSCRIPT §6: the file, and §7: its audit.
import { Refused, b64, equal, hex, must, unb64, unhex } from './bytes.mjs';
import { Belief } from './content.mjs';
import { leafHash, readEntry, readHeader } from './entry.mjs';
import { claimedGenerations, mustNotDeny, nameAt, namesOf, sawOf, signerAt } from './generation.mjs';
import { Cursor, decimal } from './lines.mjs';
import { MAX_NUMBER } from './names.mjs';
import { joinSealed, quoteNote, checkCheckpoint, parseWitnessed, readCheckpoint, readCosigned, readCosignedPq, splitSealed, unquoteNote } from './notes.mjs';
import { keysOf, openEntry } from './proof.mjs';
import { peerOf, sideOf } from './roster.mjs';
import { REASONS, openStatement } from './statements.mjs';
import { Tree } from './tree.mjs';

const TITLE = 'parley-transcript v1', MAX_FILE = 268435456, MAX_STATEMENT = 1024, MAX_GENERATIONS = 64;
const malformed = (ok, what) => must(ok, 'malformed', what);

const numbered = (keyword, items) => items.map(([n, bytes]) => `${keyword} ${n} ${b64(bytes)}`);
const noteLines = (keyword, note) => (note ? [keyword, ...quoteNote(note)] : []);
/** logs: { party, log, generations, entries, checkpoint, cosigned, receipts and refusals: [[n, bytes]] } */
export const writeTranscript = ({ line, exporter, logs }) => joinSealed([TITLE, `line ${hex(line)}`, `exporter ${exporter}`,
  ...logs.flatMap((l) => [`log ${l.party} ${hex(l.log)} ${l.entries.length}`, ...numbered('generation', (l.generations ?? []).map((g, i) => [i + 2, g])), ...numbered('entry', l.entries.map((e, i) => [i + 1, e])),
    ...noteLines('checkpoint', l.checkpoint), ...noteLines('cosigned', l.cosigned), ...noteLines('cosigned-pq', l.cosignedPq), ...(l.witnessed ?? []).flatMap((n) => noteLines('witnessed', n.bytes)), ...numbered('receipt', l.receipts), ...numbered('refusal', l.refusals)])]);

export function readTranscript(bytes) {
  const cursor = new Cursor(splitSealed(bytes, TITLE, MAX_FILE), 1);
  const id = (text, digits) => {
    malformed(text?.length === digits && /^[0-9a-f]+$/.test(text), 'id');
    return unhex(text);
  };
  const file = { line: id(cursor.take('line'), 64), exporter: cursor.take('exporter'), logs: [] };
  for (let i = 0; i < 2; i++) {
    const [party, log, count] = cursor.fields('log', 3);
    const l = { party, log: id(log, 32), entries: [] };
    const total = decimal(count, 0, MAX_NUMBER);
    const item = (keyword) => { const [n, value] = cursor.fields(keyword, 2); return [decimal(n, 1, MAX_NUMBER), unb64(value)]; };
    l.generations = cursor.many('generation', () => item('generation')).map(([g, b], k) => {
      malformed(g === k + 2 && g <= MAX_GENERATIONS && b.length > 0 && b.length <= MAX_STATEMENT, `generation ${g}`);
      return b;
    });
    while (cursor.is('entry')) {
      const [n, entry] = item('entry');
      malformed(l.entries.push(entry) === n, `entry ${n} is out of place`);
    }
    malformed(l.entries.length === total, `${l.entries.length} entries of ${total}`);
    const note = (keyword) => { if (!cursor.is(keyword)) return undefined; cursor.take(keyword); return unquoteNote(cursor); };
    l.checkpoint = note('checkpoint');
    l.cosigned = note('cosigned');
    l.cosignedPq = note('cosigned-pq');
    l.witnessed = [];
    while (cursor.is('witnessed')) {
      const w = parseWitnessed(note('witnessed'));
      malformed(w.size > (l.witnessed.at(-1)?.size ?? 0) && w.size <= total && l.witnessed.push(w) <= 256, 'witnessed');
    }
    for (const [list, keyword] of [['receipts', 'receipt'], ['refusals', 'refusal']]) {
      l[list] = cursor.many(keyword, () => item(keyword));
      l[list].forEach(([n, b], k) => malformed(n <= total && (k === 0 || l[list][k - 1][0] < n) && b.length <= MAX_STATEMENT, keyword));
    }
    file.logs.push(l);
  }
  cursor.end();
  const [a, b] = file.logs;
  malformed(a.party < b.party && [a.party, b.party].includes(file.exporter), 'parties');
  malformed(equal(bytes, writeTranscript(file)), 'another writing');
  return file;
}

/** Gives { wrong: [Refused …], notes: [text …], logs }. What is not a transcript at all is refused. */
export function audit(bytes, roster) {
  const file = readTranscript(bytes);
  must(equal(file.line, roster.lineId), 'roster', 'of another line');
  for (const l of file.logs) must(equal(sideOf(roster, l.party)?.log ?? new Uint8Array(), l.log), 'roster', `log of ${l.party}`);
  const wrong = [], notes = [];
  const attempt = (where, check) => {
    try { return check(); } catch (e) {
      if (!(e instanceof Refused)) throw e;
      wrong.push(new Refused(e.reason, `${where}: ${e.message}`));
      return undefined;
    }
  };
  const logs = file.logs.map((l) => auditLog(l, { file, roster, attempt, notes }));
  return { file, wrong, notes, logs };
}

/** What a note says of itself, whatever else is in it. */
function claimed(note) {
  const [origin, size] = Buffer.from(note).toString().split('\n');
  return { log: Buffer.from(origin.split('/').at(-1), 'hex'), size: Number(size) };
}
const readable = (entry) => { try { return [openEntry(entry)]; } catch (e) { if (e instanceof Refused) return []; throw e; } };
function auditLog(l, { file, roster, attempt, notes }) {
  const { party, entries } = l, other = peerOf(roster, party);
  const whose = { line: roster.lineId, party: other.party,
    owner: party, receiptPq: sideOf(roster, party).receiptPq, peerReceiptPq: other.receiptPq };
  const keys = keysOf(roster, other.party, file.logs.find((x) => x.party !== party).entries.flatMap(readable));
  const own = keysOf(roster, party, entries.flatMap(readable));
  const out = { party, messages: [], cosigned: 0 };
  // 2. the generations, and the checkpoints
  const names = attempt(`generations of ${party}`, () => namesOf(l.generations, { line: roster.lineId, side: sideOf(roster, party), other }, keys, own));
  if (!names) return out;
  const by = (note) => ({ ...whose, ...signerAt(names, claimed(note).size) });
  const cosignedAs = (signer) => keys.open('cosigned', (receiptKey) => readCosigned(l.cosigned, { ...whose, ...signer, receiptKey }));
  const checkpoint = l.checkpoint && attempt(`checkpoint of ${party}`, () => readCheckpoint(l.checkpoint, by(l.checkpoint)));
  const cosigned = l.cosigned && attempt(`cosigned of ${party}`, () => {
    mustNotDeny(names, claimed(l.cosigned), cosignedAs);
    return cosignedAs(signerAt(names, claimed(l.cosigned).size));
  });
  const quantum = l.cosignedPq && attempt(`cosigned-pq of ${party}`,
    () => keys.open('cosigned', (receiptKey) => readCosignedPq(l.cosignedPq, { ...by(l.cosignedPq), receiptKey })));
  const sights = l.witnessed.filter((w) => attempt(`witnessed of ${party}`, () => checkCheckpoint(w, by(w.bytes))));
  // 3. one log, and 4. its roots
  const whole = attempt(`log of ${party}`, () => {
    const tree = new Tree(), roots = [tree.root()], leaves = [];
    entries.forEach((entry, i) => {
      const h = readHeader(entry);
      must(equal(h.log, nameAt(names, i + 1)), 'log', `entry ${i + 1}`);
      must(h.number === i + 1 && (i === 0 || equal(h.previous, leaves[i - 1])), 'altered', `entry ${i + 1}`);
      leaves.push(leafHash(entry));
      tree.add(leaves[i]);
      roots.push(tree.root());
    });
    must(l.checkpoint || entries.length === 0, 'missing', 'there is no checkpoint');
    must(!l.cosignedPq || quantum, 'bad signature', 'nothing counts that bears one of two signatures');
    must(!quantum || quantum.size <= (cosigned?.size ?? 0), 'missing', 'the newer cosigned');
    for (const note of [checkpoint, cosigned, quantum, ...sights, ...names.map((g) => g.closing)]) {
      if (!note) continue;
      must(note.size <= entries.length, 'missing', `entries above ${entries.length}`);
      must(equal(note.root, roots[note.size]), 'altered', `the root of size ${note.size}`);
    }
    if (checkpoint) must(checkpoint.size === entries.length, 'missing', 'the checkpoint does not cover every entry');
    return leaves;
  });
  if (!whole) return out;
  out.cosigned = cosigned?.size ?? 0;
  out.cosignedPq = quantum?.size ?? 0;
  // 5. receipts and refusals
  const said = (format, items) => new Map(items.map(([n, b]) => [n, attempt(`${format} ${n} of ${party}`, () => {
    const s = keys.open(format, (key) => openStatement(format, b, key), readHeader(entries[n - 1]).seen?.[0][1] ?? 0);
    must(equal(s.log, l.log) && s.number === n && equal(s.leaf, whole[n - 1]), 'statement', 'about another leaf');
    return s;
  })]).filter(([, s]) => s));
  out.receipts = said('receipt', l.receipts);
  const refusals = said('refusal', l.refusals);
  // 6. what was seen, and 7. what is believed
  const belief = new Belief(roster, party), otherLog = file.logs.find((x) => x.party !== party), otherNames = claimedGenerations(otherLog.generations);
  let seen = 0, before = 0;
  entries.forEach((bytes, i) => {
    const n = i + 1, where = `${party}/${n}`, h = readHeader(bytes), refusal = refusals.get(n);
    if (!refusal) attempt(where, () => {
      const [[log, said = 0] = [], ...more] = h.seen ?? [], held = sawOf(otherNames, n, said);
      must(more.length === 0 && (!log || equal(log, otherLog.log)), 'seen', 'a log that is not of this line');
      must(held >= seen, 'seen', 'it shrinks');
      seen = held;
      if (seen <= otherLog.entries.length) return;
      must(party === file.exporter, 'missing', `it has seen ${seen} of ${otherLog.party}`);
      notes.push(`${where} claims to have seen ${seen} of ${otherLog.party}, more than is here`);
    });
    if (h.time < before) notes.push(`${where} claims an earlier time than the entry before it`);
    before = h.time;
    const judge = () => belief.judge(readEntry(bytes).signed, n);
    if (!refusal) {
      const content = attempt(where, judge);
      if (content) out.messages.push({ n, content });
      return;
    }
    notes.push(`${where} was refused by ${other.party}: ${REASONS[refusal.reason] ?? ''} (${refusal.reason})`);
    // A refusal of a change that is right undoes nothing; other content that was refused takes no part in rule 11.
    try {
      if (belief.peek(readEntry(bytes).signed).kind === 3) { judge(); notes.push(`${where} is a change that is right, and in force all the same`); }
    } catch (e) { if (!(e instanceof Refused)) throw e; }
  });
  for (const key of belief.ended) {
    if (key.since === undefined) continue;
    for (const { n, content } of out.messages) {
      if (n >= key.since && content.officers.some((o) => equal(o.id, key.id))) notes.push(`${party}/${n} is IN DOUBT: ${key.name}`);
    }
  }
  return out;
}
