// node interop/examples.mjs SPEC: the examples of SPEC/*.md say what the text around them says they do.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { concat, equal, hex, must, unhex, utf8 } from './bytes.mjs';
import { readChange, sideHash } from './change.mjs';
import { Belief, readContent } from './content.mjs';
import { keyId } from './cose.mjs';
import { leafHash, readEntry, widen } from './entry.mjs';
import { verifyFork } from './fork.mjs';
import { readFrame, readPouch, tagOf } from './frame.mjs';
import { readCheckpoint, readCosigned, readWitnessed } from './notes.mjs';
import { readDecision } from './decision.mjs';
import { readGeneration } from './generation.mjs';
import { readProofCbor, verifyProof } from './proof.mjs';
import { readProofText, readTlogProof, writeProof } from './prooftext.mjs';
import { readRoster, words } from './roster.mjs';
import { infoOf, openBundle } from './seal.mjs';
import { openStatement, readAs, recall, report, unknown } from './statements.mjs';
import { audit } from './transcript.mjs';
import { rootOf, verifyInclusion, verifySet } from './tree.mjs';

const dir = process.argv[2], read = (...names) => new Uint8Array(readFileSync(join(dir, ...names)));
const ex = {};
for (const name of readdirSync(dir).filter((f) => f.endsWith('.md'))) {
  for (const [, key, kind, body] of Buffer.from(read(name)).toString().matchAll(/<!-- example ([\w-]+) -->\n```(\w+)\n([\s\S]*?)```/g)) {
    ex[key] = kind === 'hex' ? unhex(body.replace(/\s/g, '')) : utf8(body);
  }
}
const roster = readRoster(read('vectors', 'line', 'roster.txt')), [north, south] = roster.sides, line = roster.lineId;
const whose = { line, log: north.log, logKey: north.logKey, party: 'south', receiptKey: south.receipt };
const same = (a, b) => must(equal(a, b), 'other bytes', hex(a).slice(0, 32));
const leaves = [ex.entry, ex['second-entry']].map(leafHash);
const officer = north.officers.find((o) => o.name === 'north a');

const CHECKS = {
  content: () => readContent(ex.content), acknowledgement: () => readContent(ex.acknowledgement),
  signed: () => new Belief(roster, 'north').judge(ex.signed, 1), entry: () => same(readEntry(ex.entry).signed, ex.signed),
  'to-be-signed': () => same(ex['to-be-signed'].subarray(-ex.content.length), ex.content) ?? must(hex(ex['to-be-signed']).includes(hex(keyId('officer', officer.key))), 'key id'),
  'second-entry': () => new Belief(roster, 'north').judge(readEntry(ex['second-entry']).signed, 2),
  leaves: () => same(concat(...leaves), ex.leaves), root: () => same(rootOf(leaves), ex.root),
  inclusion: () => verifyInclusion({ index: 1, size: 2, leaf: leaves[1], root: ex.root, proof: [ex.inclusion] }),
  checkpoint: () => readCheckpoint(ex.checkpoint, whose), cosigned: () => readCosigned(ex.cosigned, whose),
  witnessed: () => readWitnessed(ex.witnessed, whose, Buffer.from(ex['witness-key']).toString().trim()), 'witness-key': () => {},
  closed: () => openStatement('closed', ex.closed, north.station), check: () => openStatement('check', ex.check, north.station),
  receipt: () => openStatement('receipt', ex.receipt, south.receipt), refusal: () => openStatement('refusal', ex.refusal, south.station),
  report: () => readAs(report, ex.report), unknown: () => readAs(unknown, ex.unknown),
  opening: () => same(infoOf(openStatement('opening', ex.opening, north.station)), ex.info),
  'narrow-entry': () => same(widen(ex['narrow-entry'], { line, log: north.log, peerLog: south.log, previous: leaves[0] }), ex['second-entry']),
  tag: () => same(tagOf(line, 'north'), ex.tag), frame: () => same(openBundle(readFrame(ex.frame), ex['direction-secret']), ex.bundle),
  pouch: () => same(readPouch(ex.pouch)[0], ex.frame), stream: () => same(ex.stream.subarray(8), ex.frame), quic: () => same(ex.quic.subarray(-ex.frame.length), ex.frame),
  side: () => same(sideHash(north), ex.side), change: () => readChange(ex.change), fork: () => verifyFork(ex.fork, roster), decision: () => readDecision(ex.decision),
  transcript: () => must(audit(ex.transcript, roster).wrong.length === 0, 'wrong'),
  set: () => verifySet({ size: 2, root: ex.root, leaves: [[1, leaves[1]]], proof: [ex.set] }),
  proof: () => verifyProof(readProofText(ex.proof), roster), 'proof-cbor': () => same(writeProof(readProofCbor(ex['proof-cbor'])), ex.proof),
  'tlog-proof': () => verifyProof(readTlogProof(ex['tlog-proof'], () => ['north', 'south']), roster),
  renewal: () => openStatement('renewal', ex.renewal, north.logKey), closing: () => openStatement('closing', ex.closing, south.receipt),
  generation: () => readGeneration(ex.generation, { line, side: north, other: south }), recall: () => readAs(recall, ex.recall),
  derived: () => readRoster(ex.derived),
  'ROSTER §9': () => {
    const text = Buffer.from(read('ROSTER.md')).toString(), [, id, twelve] = /\n {4}([0-9a-f]{64})\n {4}([a-z ]+)\n/.exec(text);
    const r = readRoster(utf8(/```\n(parley-roster v1\n[^`]*?END 41\n)```/.exec(text)[1]));
    must(hex(r.lineId) === id && words(r.lineId) === twelve, 'line id or words');
  },
};
let failed = 0;
for (const [name, run] of Object.entries(CHECKS)) {
  try { run(); } catch (e) { failed++; console.log(`MISS ${name}: ${e.message}`); }
}
console.log(`${Object.keys(CHECKS).length - failed} of ${Object.keys(CHECKS).length} examples`);
process.exitCode = failed > 0 ? 1 : 0;
