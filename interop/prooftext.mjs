// PROOF §4: the text of a proof, §5: its words, §7: C2SP tlog-proof, §8: the codes.
import { b64, equal, fromUtf8, hex, must, sha, unb64, unhex, utf8 } from './bytes.mjs';
import { readSigned } from './cose.mjs';
import { readEntry } from './entry.mjs';
import { sawOf } from './generation.mjs';
import { Cursor, decimal } from './lines.mjs';
import { MAX_NUMBER, checkParty } from './names.mjs';
import { joinSealed, quoteNote, splitSealed, unquoteNote } from './notes.mjs';
import { readProof, readProofCbor, writeProofCbor } from './proof.mjs';
import { peerOf } from './roster.mjs';

const TITLE = 'parley-proof v1', MAX_PROOF = 67108864;
const malformed = (ok, what) => must(ok, 'malformed', what);

const PRECEDENCES = ['flash', 'immediate', 'priority', 'routine'], STATUSES = ['real', 'exercise'], KINDS = ['text', 'acknowledgement', 'change'];
const ANSWERS = ['read', 'accepted', 'passed-on', 'answered', 'hold', 'decline', 'reply-by'];
const isolated = (s) => `\u2068${s}\u2069`;
const time = (ms) => `${new Date(Math.floor(Number(ms) / 1000) * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
const count = (n) => (n === 1 ? '1 entry' : `${n} entries`);

function message(p, e) {
  const { party: P, other: Q } = p, head = `${nameOf(P, p.named, e.number)}, at ${time(e.time)} by ${P}'s clock: `, c = e.content, out = [];
  if (c) {
    const signers = readSigned(readEntry(e.bytes).signed).signatures.map(({ id }) => {
      const [, name] = p.officers.find(([of]) => equal(of, id)) ?? [];
      return name === undefined ? hex(id) : isolated(name);
    });
    const how = p.refusalOf.has(e.number) ? 'said to be signed by' : 'signed by';
    out.push(`${head}${STATUSES[c.status - 1]} ${PRECEDENCES[c.precedence - 1]} ${KINDS[c.kind - 1]} from ${c.from} to ${c.to.join(', ')}, ${how} ${signers.join(', ')}.`);
    for (const [log, n] of c.references ?? []) out.push(`It refers to entry ${n} of log ${hex(log)}.`);
    if (c.answer) out.push(`It answers: ${ANSWERS[c.answer.answer - 1]}${c.answer.by === undefined ? '' : ` ${time(c.answer.by)}`}.`);
    if (c.expires !== undefined) out.push(`It expires at ${time(c.expires)}.`);
    for (const line of c.body?.split('\n') ?? []) out.push(line === '' ? '>' : `> ${isolated(line)}`);
  } else out.push(`${head}what stands in it cannot be read as a message.`);
  const seen = e.seen ?? [];
  if (seen.length === 0) out.push(`When ${P} wrote it, it had seen no message of ${Q}.`);
  else if (seen.length === 1) out.push(`When ${P} wrote it, it had seen ${Q}'s messages up to ${sawOf(p.otherNamed, e.number, seen[0][1])}.`);
  else for (const [log, n] of seen) out.push(`When ${P} wrote it, it had seen ${count(n)} of log ${hex(log)}.`);
  const receipt = p.receiptOf.get(e.number), refusal = p.refusalOf.get(e.number);
  if (receipt) out.push(`${Q} signed that it received it, at ${time(receipt.said.time)} by ${Q}'s clock.`);
  if (refusal) out.push(`${Q} signed that it does not believe it, for reason ${refusal.said.reason} of RECEIPT §4.`);
  return out;
}
const nameOf = (party, named, n) => {
  const later = named.findLastIndex((g) => g.from <= n);
  return later < 0 ? `${party} ${n}` : `${party}/${later + 2}.${n}`;
};
const generations = (P, Q, named) => named.map((g, i) => `From entry ${P}/${i + 2}.${g.from} on ${P}'s log is its generation ${i + 2}: ${P} asked for it, as after a restore, at ${
  time(g.renewed)} by ${P}'s clock, and ${Q} closed the one before at ${time(g.closed)} by ${Q}'s clock.`);
/** §5 */
export function words(p) {
  const { party: P, other: Q, shown } = p, one = shown.length === 1, changes = p.changed.length + p.otherChanged.length > 0;
  const listed = (items) => items.map((e) => e.number).join(', ');
  return [
    one ? `One message that ${P} said to ${Q}, with its proof.` : `Messages ${shown[0].number} to ${shown.at(-1).number} that ${P} said to ${Q}, with their proof: none between them is missing.`,
    ...shown.flatMap((e) => ['', ...message(p, e)]), '',
    `${P} signed that its log has ${count(p.note.size)}, and that ${one ? 'this is' : 'these are'} among them.`,
    p.note.seconds === undefined ? `That ${Q} holds them all is not shown.` : `${Q} signed that it holds all of them, at ${time(1000 * p.note.seconds)} by ${Q}'s clock.`,
    ...(p.otherNote ? [`${Q} signed that its own log has ${count(p.otherNote.size)}, and ${P} that it holds them, at ${time(1000 * p.otherNote.seconds)} by ${P}'s clock.`] : []),
    ...generations(P, Q, p.named), ...generations(Q, P, p.otherNamed),
    ...(p.changed.length > 0 ? [`Shown besides, because they change who may sign for ${P}: entries ${listed(p.changed)}.`] : []),
    ...(p.otherChanged.length > 0 ? [`Shown besides, because they change who signs receipts for ${Q}: entries ${listed(p.otherChanged)} of its log.`] : []), '',
    `Of other messages it shows ${changes ? 'those changes, ' : ''}how many there were, and nothing else.`,
    'These words are made from the lines below. parley-verify checks both, with the roster of the line.',
  ];
}

const numbered = (keyword, items) => items.map((e) => `${keyword} ${e.number} ${b64(e.bytes)}`);
const statementLines = (keyword, items) => (items ?? []).map((g, i) => `${keyword} ${i + 2} ${b64(g)}`);
const hashLines = (keyword, hashes) => (hashes ?? []).map((h) => `${keyword} ${hex(h)}`);
export const writeProof = (p) => joinSealed([TITLE, ...words(p).map((w) => (w === '' ? '#' : `# ${w}`)), `party ${p.party} ${p.other}`,
  ...numbered('entry', p.shown), ...numbered('change', p.changed), ...hashLines('hash', p.hashes),
  ...statementLines('generation', p.generations), 'checkpoint', ...quoteNote(p.checkpoint), ...statementLines('other-generation', p.otherGenerations),
  ...(p.otherCheckpoint ? ['other', ...quoteNote(p.otherCheckpoint)] : []), ...numbered('other-change', p.otherChanged), ...hashLines('other-hash', p.otherHashes),
  ...p.receipts.map(([n, b]) => `receipt ${n} ${b64(b)}`), ...p.refusals.map(([n, b]) => `refusal ${n} ${b64(b)}`), ...p.officers.map(([id, name]) => `officer ${hex(id)} ${name}`)]);

/** A proof in the text of §4. */
export function readProofText(data) {
  const p = readProofLines(data);
  malformed(equal(data, writeProof(p)), 'other words, or another writing');
  return p;
}
/** The same, whatever its words. It goes through the writing of §2, so that the two forms have one set of rules. */
export function readProofLines(data) {
  const cursor = new Cursor(splitSealed(data, TITLE, MAX_PROOF), 1);
  const some = (items) => (items.length > 0 ? items : undefined);
  cursor.many('#', () => cursor.take('#'));
  const [party, other] = cursor.fields('party', 2);
  checkParty(party);
  const item = (keyword) => { const [n, value] = cursor.fields(keyword, 2); return [decimal(n, 1, MAX_NUMBER), unb64(value)]; };
  const items = (keyword) => some(cursor.many(keyword, () => item(keyword)));
  const entries = (keyword) => items(keyword)?.map(([, entry]) => entry);
  const hashes = (keyword) => some(cursor.many(keyword, () => {
    const text = cursor.take(keyword);
    malformed(/^[0-9a-f]{64}$/.test(text), keyword);
    return unhex(text);
  }));
  const note = (keyword) => { malformed(cursor.take(keyword) === '', keyword); return unquoteNote(cursor); };
  const value = { party, other, entries: entries('entry') ?? [], changes: entries('change'), hashes: hashes('hash'), generations: entries('generation'), checkpoint: note('checkpoint'), otherGenerations: entries('other-generation') };
  if (cursor.is('other')) value.otherCheckpoint = note('other');
  value.otherChanges = entries('other-change');
  value.otherHashes = hashes('other-hash');
  value.receipts = items('receipt');
  value.refusals = items('refusal');
  value.officers = some(cursor.many('officer', () => { const [id, name] = cursor.fields('officer', 2); malformed(/^[0-9a-f]{16}$/.test(id), 'officer'); return [unhex(id), name]; }));
  cursor.end();
  return readProofCbor(writeProofCbor(value));
}

/** RFC 6962 §2.1.1: on which side each hash of the path of a leaf stands, from the leaf up; true is left. */
function sides(index, size) {
  if (size === 1) return [];
  let k = 1;
  while (2 * k < size) k *= 2;
  return index < k ? [...sides(index, k), false] : [...sides(index - k, size - k), true];
}
/** Of this roster, whose log an id is of: [party, other]. */
export const logsOf = (roster) => (log) => {
  const side = roster.sides.find((s) => equal(s.log, log));
  must(side, 'log', 'of no party');
  return [side.party, peerOf(roster, side.party).party];
};
/** §7. `partyOf` says whose log an id is of, as [party, other]. */
export function readTlogProof(data, partyOf) {
  let text;
  try { text = fromUtf8(data); } catch { malformed(false, 'not UTF-8'); }
  const gap = text.indexOf('\n\n'), lines = text.slice(0, gap).split('\n'), checkpoint = utf8(text.slice(gap + 2));
  malformed(gap > 0 && lines[0] === 'c2sp.org/tlog-proof@v1', 'title');
  const cursor = new Cursor(lines, 1), entry = unb64(cursor.take('extra')), index = decimal(cursor.take('index'), 0, MAX_NUMBER);
  const path = lines.slice(cursor.at).map((l) => unb64(l));
  malformed(path.every((h) => h.length === 32), 'hash');
  const [, log] = /^parley\/v1\/[0-9a-f]{64}\/([0-9a-f]{32})\n/.exec(text.slice(gap + 2)) ?? [];
  malformed(log, 'origin');
  const [party, other] = partyOf(unhex(log));
  const p = readProof({ party, other, entries: [entry], checkpoint });
  malformed(p.note.seconds !== undefined && Number(p.shown[0].number) === index + 1 && index < p.note.size, 'no cosignature, or another index');
  const left = sides(index, p.note.size);
  malformed(left.length === path.length, 'a hash too few or too many');
  p.hashes = [...path.filter((_, i) => left[i]).reverse(), ...path.filter((_, i) => !left[i])];
  const again = ['c2sp.org/tlog-proof@v1', `extra ${b64(entry)}`, `index ${index}`, ...path.map(b64), '', ''].join('\n') + fromUtf8(checkpoint);
  malformed(again === text, 'another writing');
  return p;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', PIECE = 560, MAX_PIECES = 12;
function base32(data) {
  let out = '', bits = 0, held = 0;
  for (const byte of data) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += BASE32[(held >> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? out + BASE32[(held << (5 - bits)) & 31] : out;
}
function unbase32(text) {
  const out = [];
  let bits = 0, held = 0;
  for (const c of text) {
    malformed(BASE32.includes(c), 'base32');
    held = (held << 5) | BASE32.indexOf(c);
    bits += 5;
    if (bits >= 8) { bits -= 8; out.push(held >> bits); held &= (1 << bits) - 1; }
  }
  return Uint8Array.from(out);
}
export function writeCodes(data) {
  const n = Math.ceil(data.length / PIECE), id = hex(sha(data)).slice(0, 8).toUpperCase();
  return utf8(Array.from({ length: n }, (_, i) => `PARLEY:${i + 1}/${n}:${id}:${base32(data.subarray(PIECE * i, PIECE * (i + 1)))}\n`).join(''));
}
export function readCodes(data) {
  const lines = Buffer.from(data).toString('latin1').split('\n').slice(0, -1);
  malformed(lines.length > 0 && lines.length <= MAX_PIECES, 'codes');
  const cbor = Buffer.concat(lines.map((l) => unbase32(l.split(':')[3] ?? '')));
  malformed(equal(writeCodes(cbor), data), 'another writing');
  return readProofCbor(new Uint8Array(cbor));
}

/** A proof in any of its forms but the page. */
export function readAnyProof(data, partyOf) {
  const head = Buffer.from(data.subarray(0, 22)).toString('latin1');
  if (head.startsWith(TITLE)) return readProofText(data);
  if (head === 'c2sp.org/tlog-proof@v1') return readTlogProof(data, partyOf);
  return head.startsWith('PARLEY:') ? readCodes(data) : readProofCbor(data);
}
