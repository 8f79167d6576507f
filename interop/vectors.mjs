// node interop/vectors.mjs DIR: judges every case of spec/vectors, prints counts for each format, fails on any miss.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Refused, equal, must, sha, unbig, unhex } from './bytes.mjs';
import { applyChange, readChange } from './change.mjs';
import { open1 } from './cose.mjs';
import { Belief, readContent, writeContent } from './content.mjs';
import { narrow, readEntry, readHeader, widen, writeEntry } from './entry.mjs';
import { verifyFork } from './fork.mjs';
import { readBundle, readFrame, readPouch, tagOf, writeBundle, writeFrame, writePouch } from './frame.mjs';
import { readCheckpoint, readCosigned, readCosignedPq, readWitnessed } from './notes.mjs';
import { readDecision } from './decision.mjs';
import { derive } from './deniable.mjs';
import { readGeneration, readLast } from './generation.mjs';
import { Keys } from './places.mjs';
import { readProofCbor, verifyProof, writeProofCbor } from './proof.mjs';
import { logsOf, readCodes, readProofText, readTlogProof, writeProof } from './prooftext.mjs';
import { makeRoster, readAccept, readCard, readInvite, readRoster, sideOf } from './roster.mjs';
import { acceptOpening, infoOf, openBundle, pad, prekeyOf, unpad } from './seal.mjs';
import { openStatement, payloadOf, readAs, recall, report, unknown, writeAs } from './statements.mjs';
import { verifyConsistency, verifyInclusion, verifySet } from './tree.mjs';
import { audit } from './transcript.mjs';

const dir = process.argv[2];
const lineFile = (name) => new Uint8Array(readFileSync(join(dir, 'line', name)));
const invite = readInvite(lineFile('invite.txt')), roster = readRoster(lineFile('roster.txt')), line = roster.lineId;
const north = sideOf(roster, 'north'), south = sideOf(roster, 'south');
const logOfNorth = { line, log: north.log, logKey: north.logKey, party: 'south', receiptKey: south.receipt };
must(equal(readAccept(lineFile('accept.txt'), invite).roster.bytes, roster.bytes), 'roster', 'of another ceremony');
must(equal(makeRoster(invite.terms, readCard(lineFile('south-card.txt')), readCard(lineFile('north-card.txt'))).bytes, roster.bytes), 'roster', 'of the cards');

const same = (a, b, what = 'written again') => { if (!equal(a, b)) throw new Error(`${what} is other bytes`); };
const hashes = (bytes) => Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));
const statement = (format) => (v) => same(payloadOf(format, openStatement(format, v.input, v.key)), open1(format, v.input, v.key));
const bare = (shape) => (v) => same(writeAs(shape, readAs(shape, v.input)), v.input);
const opener = (v) => ({ line, peer: 'north', me: 'south', stationKey: v.key, seedOf: (h) => (equal(h, sha(prekeyOf(v['prekey 1']))) ? v['prekey 1'] : undefined) });
const audited = (v) => { const { wrong } = audit(v.input, roster); if (wrong.length > 0) throw wrong[0]; };

/** South's statement about north's log, where north has applied a change of south's keys. */
function judgePlace(v) {
  const format = Buffer.from(v.what).toString(), number = unbig(v.number), keys = new Keys(south), change = readChange(v.change);
  applyChange(new Belief(roster, 'south'), change, number);
  keys.apply(change, number, unbig(v.seen));
  const read = (key) => (format === 'cosigned' ? readCosigned(v.input, { ...logOfNorth, receiptKey: key }) : openStatement(format, v.input, key));
  keys.open(format, read, unbig(v['entry seen']));
}

const READERS = {
  content: (v) => { const { change, ...c } = readContent(v.input); same(writeContent(c), v.input); },
  entry: (v) => { const { version, ...e } = readEntry(v.input); same(writeEntry(e), v.input); },
  header: (v) => readHeader(v.input),
  receipt: statement('receipt'), refusal: statement('refusal'), closed: statement('closed'), check: statement('check'), prekeys: statement('prekeys'),
  report: bare(report), unknown: bare(unknown),
  opening(v) {
    const { secret } = acceptOpening(v.input, opener(v));
    same(secret, v['direction secret'], 'direction secret');
    same(infoOf(openStatement('opening', v.input, v.key)), v.info, 'info');
  },
  frame(v) {
    const frame = readFrame(v.input);
    same(writeFrame(frame), v.input);
    const { id, secret } = acceptOpening(v.opening, opener(v));
    must(equal(frame.tag, tagOf(line, 'north')) && equal(frame.epoch, id), 'cannot open', 'tag or epoch');
    same(openBundle(frame, secret), v.bundle, 'bundle');
  },
  padding: (v) => { same(unpad(v.input), v.plain, 'plain'); same(pad(v.plain), v.input); },
  bundle: (v) => same(writeBundle(readBundle(v.input)), v.input),
  card: (v) => readCard(v.input), invite: (v) => readInvite(v.input), roster: (v) => readRoster(v.input), accept: (v) => readAccept(v.input, invite),
  transcript: audited, renewed: audited, rekeyed: audited,
  pouch(v) {
    const frames = readPouch(v.input);
    same(writePouch(frames).bytes, v.input);
    frames.forEach((f, i) => same(f, v[`frame ${i + 1}`], 'frame'));
  },
  released: (v) => new Belief(roster, 'north').judge(v.input, 1),
  changed: (v) => new Belief(roster, 'north').judge(v.input, 2),
  change: (v) => applyChange(new Belief(roster, 'north'), readChange(v.input), 2),
  narrow(v) {
    const from = { line: v.line, log: v.log, peerLog: v['peer log'], previous: v.previous };
    same(widen(v.input, from), v.entry, 'entry');
    same(narrow(v.entry, from), v.input);
  },
  checkpoint: (v) => readCheckpoint(v.input, logOfNorth), cosigned: (v) => readCosigned(v.input, logOfNorth),
  witnessed: (v) => readWitnessed(v.input, logOfNorth, Buffer.from(v.key).toString()),
  'cosigned-pq'(v) {
    const r = readRoster(v.roster), owner = sideOf(r, 'north'), other = sideOf(r, 'south');
    readCosignedPq(v.input, { line: r.lineId, log: owner.log, logKey: owner.logKey, party: 'south', receiptKey: other.receipt,
      owner: 'north', receiptPq: owner.receiptPq, peerReceiptPq: other.receiptPq });
  },
  inclusion: (v) => verifyInclusion({ index: unbig(v.index), size: unbig(v.size), leaf: v.leaf, root: v.root, proof: hashes(v.input) }),
  consistency: (v) => verifyConsistency({ from: unbig(v.from), fromRoot: v['from root'], to: unbig(v.to), toRoot: v['to root'], proof: hashes(v.input) }),
  fork: (v) => verifyFork(v.input, roster), decision: (v) => readDecision(v.input),
  renewal: statement('renewal'), closing: statement('closing'), recall: bare(recall),
  generation(v) {
    const whose = { line, side: north, other: south };
    readGeneration(v.input, { ...whose, before: v.before && readLast(v.before, whose) });
  },
  place: judgePlace,
  deniable: (v) => same(derive(readRoster(v.input), v.private).bytes, v.derived, 'derived roster'),
  set(v) {
    const leaves = Array.from({ length: v.places.length / 40 }, (_, i) => [unbig(v.places.subarray(40 * i, 40 * i + 8)), v.places.subarray(40 * i + 8, 40 * i + 40)]);
    verifySet({ size: unbig(v.size), root: v.root, leaves, proof: hashes(v.input) });
  },
  proof: (v) => verifyProof(readProofText(v.input), roster),
  'proof-cbor'(v) {
    const p = readProofCbor(v.input);
    verifyProof(p, roster);
    same(writeProofCbor(p), v.input);
    same(writeProofCbor(readProofText(writeProof(p))), v.input, 'by way of the text');
  },
  'tlog-proof': (v) => verifyProof(readTlogProof(v.input, logsOf(roster)), roster),
  codes: (v) => verifyProof(readCodes(v.input), roster),
};
// The vectors name this outcome in two words, RECEIPT §4 in one.
const outcomeOf = (reason) => (reason === 'signature' ? 'bad signature' : reason);

function readVector(path) {
  const [head, ...parts] = readFileSync(path, 'utf8').trimEnd().split('\n\n');
  const v = Object.fromEntries(head.split('\n').map((l) => l.split(/: (.*)/s)));
  for (const part of parts) {
    const [title, ...lines] = part.split('\n'), [, name, size] = /^(.*): (\d+) bytes?$/.exec(title);
    v[name] = unhex(lines.join(''));
    if (v[name].length !== Number(size)) throw new Error(`${path}: ${name}`);
  }
  return v;
}

let missed = 0, total = 0;
for (const folder of readdirSync(dir).filter((f) => f !== 'line' && f !== 'generate' && statSync(join(dir, f)).isDirectory())) {
  const files = readdirSync(join(dir, folder));
  let good = 0, accepted = 0;
  for (const name of files) {
    const v = readVector(join(dir, folder, name));
    let outcome = 'accept';
    try {
      if (!READERS[v.format]) throw new Error(`no reader of ${v.format}`);
      READERS[v.format](v);
    } catch (e) { outcome = e instanceof Refused ? outcomeOf(e.reason) : `ERROR ${e.message}`; }
    if (outcome === v.expect) { good++; accepted += outcome === 'accept' ? 1 : 0; } else console.log(`MISS ${folder}/${name}: ${v.expect} expected (${v.why}), not ${outcome}`);
  }
  total += files.length;
  missed += files.length - good;
  console.log(`${folder.padEnd(12)} ${String(good).padStart(3)} of ${String(files.length).padStart(3)}, ${accepted} of them accepted`);
}
console.log(`${total - missed} of ${total} vectors as they must be`);
process.exitCode = missed > 0 || total === 0 ? 1 : 0;
