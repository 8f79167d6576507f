// PROOF §2: the value, in CBOR; §6: what makes it hold.
import { Refused, ascending, equal, hex, must, utf8 } from './bytes.mjs';
import { bytes, decode, encode, list, struct, text, tuple, uint } from './cbor.mjs';
import { Belief, CHANGE, readContent } from './content.mjs';
import { read1, readSigned } from './cose.mjs';
import { leafHash, readEntry, readHeader } from './entry.mjs';
import { claimedGeneration, mustNotDeny, nameAt, namesOf, sawOf, signerAt } from './generation.mjs';
import { checkText, eightBytes, hash, number, party } from './names.mjs';
import { checkCheckpoint, checkCosigned, parseNote } from './notes.mjs';
import { Keys } from './places.mjs';
import { sideOf } from './roster.mjs';
import { openStatement, readPayload } from './statements.mjs';
import { verifySet } from './tree.mjs';

const MAX_PROOF = 67108864, MAX_STATEMENT = 1024, MAX_NOTE = 2048, MAX_HASHES = 65536, MAX_NAME = 256;
const malformed = (ok, what) => must(ok, 'malformed', what);
const upTo = (max) => bytes(undefined, (x) => x.length > 0 && x.length <= max);
const entries = (max) => list(bytes(), 1, max), hashes = list(hash, 1, MAX_HASHES), note = upTo(MAX_NOTE);
const statement = bytes(undefined, (x) => must(x.length <= MAX_STATEMENT, 'limit', 'a receipt or refusal') ?? x.length > 0);
const generations = list(bytes(undefined, (x) => x.length > 0 && x.length <= MAX_STATEMENT), 1, 63);
const about = list(tuple(number, statement), 1, 4096);
function checkName(s) {
  checkText(s);
  malformed(s !== '' && s.length <= MAX_NAME && utf8(s).length <= MAX_NAME && !/[\n\t]/.test(s) && s.trim() === s, 'name of an officer');
}
const shape = struct({
  version: [1, uint(1, (1n << 64n) - 1n)], party: [2, party], other: [3, party], entries: [4, entries(4096)], changes: [5, entries(1024), true],
  hashes: [6, hashes, true], checkpoint: [7, note], otherCheckpoint: [8, note, true], receipts: [9, about, true], refusals: [10, about, true],
  officers: [11, list(tuple(eightBytes, text(checkName)), 1, 4096), true], otherChanges: [12, entries(1024), true], otherHashes: [13, hashes, true],
  generations: [14, generations, true], otherGenerations: [15, generations, true],
});

/** An entry with its header, and its content where what is signed can be read. */
export function openEntry(data) {
  const header = readHeader(data), out = { ...header, bytes: data, leaf: leafHash(data) };
  try { return { ...out, content: readContent(readSigned(readEntry(data).signed).content) }; } catch (e) {
    if (!(e instanceof Refused)) throw e;
    return out;
  }
}
/** What the statements of a log claim: which is the first entry of each later generation. */
function claimedNames(statements, size) {
  const named = (statements ?? []).map(claimedGeneration);
  named.forEach((g, i) => malformed(g.from - 1 <= size && (i === 0 || named[i - 1].from <= g.from), 'a generation that the checkpoint does not cover'));
  return named;
}
const numbers = (items) => items.every((e, i) => i === 0 || items[i - 1].number < e.number);

/** Checks what can be said of the value by itself; gives it with everything in it read. */
export function readProof(value) {
  malformed(value.party !== value.other, 'both parties are one');
  const p = { ...value, receipts: value.receipts ?? [], refusals: value.refusals ?? [], officers: value.officers ?? [] };
  p.shown = value.entries.map(openEntry);
  p.changed = (value.changes ?? []).map(openEntry);
  p.otherChanged = (value.otherChanges ?? []).map(openEntry);
  const first = BigInt(p.shown[0].number);
  malformed(p.shown.every((e, i) => BigInt(e.number) === first + BigInt(i)), 'entries');
  malformed(numbers(p.changed) && numbers(p.otherChanged) && !p.changed.some((c) => p.shown.some((e) => e.number === c.number)), 'changes');
  malformed((!value.otherChanges || value.otherCheckpoint) && (!value.otherHashes || value.otherChanges), 'keys 12 and 13');
  p.note = parseNote(value.checkpoint);
  p.otherNote = value.otherCheckpoint && parseNote(value.otherCheckpoint, [2]);
  malformed(!value.otherGenerations || value.otherCheckpoint, 'key 15 without key 8');
  p.named = claimedNames(value.generations, p.note.size);
  p.otherNamed = claimedNames(value.otherGenerations, p.otherNote?.size);
  for (const [format, items] of [['receipt', p.receipts], ['refusal', p.refusals]]) {
    malformed(items.every(([n], i) => (i === 0 || items[i - 1][0] < n) && p.shown.some((e) => e.number === n)), format);
    p[`${format}Of`] = new Map(items.map(([n, b]) => [n, { bytes: b, said: readPayload(format, read1(b).payload) }]));
    for (const [n, { said }] of p[`${format}Of`]) malformed(said.number === n, `${format} of another entry`);
  }
  malformed(ascending(p.officers, ([id]) => id), 'officers');
  return p;
}
export function readProofCbor(data) {
  must(data.length <= MAX_PROOF, 'limit', 'proof');
  const map = decode(data, MAX_HASHES);
  malformed(map instanceof Map && map.has(1), 'proof');
  must(!(map.get(1) > 1), 'version', map.get(1));
  return readProof(shape.read(map));
}
export const writeProofCbor = (value) => encode(shape.write(Object.fromEntries(Object.entries({ version: 1, ...value }).filter(([, x]) => x?.length !== 0))));

/** §6. What fails is refused with its reason; nothing is proved then. */
export function verifyProof(p, roster) {
  const side = sideOf(roster, p.party), other = sideOf(roster, p.other);
  must(side && other && equal(p.note.line, roster.lineId), 'roster', 'parties, or line');
  const own = [...p.shown, ...p.changed].sort((a, b) => (a.number < b.number ? -1 : 1));
  const keys = keysOf(roster, p.party, own), otherKeys = keysOf(roster, p.other, p.otherChanged);
  const line = roster.lineId, names = namesOf(p.generations ?? [], { line, side, other }, otherKeys, keys);
  const otherNames = namesOf(p.otherGenerations ?? [], { line, side: other, other: side }, keys, otherKeys);
  notesHold(p, { line, side, other, keys, otherKeys, names, otherNames });
  for (const [items, of] of [[own, names], [p.otherChanged, otherNames]]) {
    items.forEach((e, i) => {
      must(equal(e.log, nameAt(of, e.number)), 'log', `entry ${e.number}`);
      const before = items[i - 1];
      if (before && BigInt(before.number) + 1n === BigInt(e.number)) must(equal(e.previous, before.leaf), 'altered', `entry ${e.number}`);
    });
  }
  const leaves = (items) => items.map((e) => [Number(e.number) - 1, e.leaf]);
  verifySet({ size: p.note.size, root: p.note.root, leaves: leaves(own), proof: p.hashes ?? [] });
  if (p.otherChanged.length > 0) verifySet({ size: p.otherNote.size, root: p.otherNote.root, leaves: leaves(p.otherChanged), proof: p.otherHashes ?? [] });
  for (const format of ['receipt', 'refusal']) for (const [n, { bytes: b }] of p[`${format}Of`]) statementHolds(p, format, n, b, { side, otherKeys });
  seenHolds(p, other);
  return believed(p, roster, own);
}

function notesHold(p, { line, side, other, keys, otherKeys, names, otherNames }) {
  const whose = { line, ...signerAt(names, p.note.size), party: p.other };
  const cosigned = (by) => otherKeys.open('cosigned', (receiptKey) => checkCosigned(p.note, { ...whose, ...by, receiptKey }));
  if (p.note.signatures.length === 1) checkCheckpoint(p.note, whose);
  else {
    mustNotDeny(names, p.note, cosigned);
    cosigned({});
  }
  const back = { line, ...(p.otherNote && signerAt(otherNames, p.otherNote.size)), party: p.party };
  if (p.otherNote) keys.open('cosigned', (receiptKey) => checkCosigned(p.otherNote, { ...back, receiptKey }));
}
function statementHolds(p, format, n, data, { side, otherKeys }) {
  const entry = p.shown.find((e) => e.number === n);
  const s = otherKeys.open(format, (key) => openStatement(format, data, key), entry.seen?.[0][1] ?? 0);
  must(equal(s.log, side.log) && equal(s.leaf, entry.leaf), 'statement', `${format} of another leaf than entry ${n}`);
}
function seenHolds(p, other) {
  let before = 0;
  for (const e of p.shown.filter((x) => !p.refusalOf.has(x.number))) {
    const [[log, said = 0] = [], ...more] = e.seen ?? [], held = sawOf(p.otherNamed, e.number, said);
    must(more.length === 0 && (!log || equal(log, other.log)), 'seen', 'a log that is not of this line');
    must(held >= before && (!p.otherNote || held <= p.otherNote.size), 'seen', `entry ${e.number}`);
    before = held;
  }
}
/** The keys of a party as the changes among these entries brought them, as far as they are believed. */
export function keysOf(roster, name, items) {
  const belief = new Belief(roster, name), keys = new Keys(sideOf(roster, name));
  for (const e of items.filter((x) => x.content?.kind === CHANGE)) {
    try { keys.apply(belief.judge(readEntry(e.bytes).signed, e.number).change, e.number, e.seen?.[0][1] ?? 0); } catch (err) {
      if (!(err instanceof Refused)) throw err;
    }
  }
  return keys;
}
/** Rules 7 and 8: what is believed, in the order of the numbers, and who signed it by which name. */
function believed(p, roster, own) {
  const belief = new Belief(roster, p.party), names = new Map();
  const judge = (b, e) => b.judge(readEntry(e.bytes).signed, e.number);
  const mustChange = (e) => must(e.content?.kind === CHANGE, 'statement', `entry ${e.number} is no change`);
  for (const e of own) {
    if (p.changed.includes(e)) mustChange(e);
    const refused = p.refusalOf.has(e.number);
    if (refused && e.content?.kind !== CHANGE) continue;
    let content;
    try { content = judge(belief, e); } catch (err) { if (!refused) throw err; }
    if (content && !refused && p.shown.includes(e)) for (const o of content.officers) names.set(`${hex(o.id)} ${o.name}`, o);
  }
  const otherBelief = new Belief(roster, p.other);
  for (const e of p.otherChanged) {
    mustChange(e);
    judge(otherBelief, e);
  }
  for (const [id, name] of p.officers) must(names.has(`${hex(id)} ${name}`), 'officer', `${name} signed none of it`);
}
