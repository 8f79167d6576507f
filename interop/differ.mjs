// node interop/differ.mjs SPEC [COUNT [SEED]]: transcripts and proofs of messages that are changed at random, each with a right END,
// and with right words where it can be read, judged by the real parley-verify (PARLEY_VERIFY) and by this verifier. Fails where
// one finds all proved and the other does not.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refused, unhex } from './bytes.mjs';
import { joinSealed } from './notes.mjs';
import { verifyProof } from './proof.mjs';
import { readProofLines, readProofText, writeProof } from './prooftext.mjs';
import { readRoster } from './roster.mjs';
import { audit } from './transcript.mjs';

const [, , spec, count = '300', first = '1'] = process.argv, verifier = process.env.PARLEY_VERIFY;
if (!verifier) throw new Error('PARLEY_VERIFY names the verifier of the other side');
const rosterFile = join(spec, 'vectors', 'line', 'roster.txt'), roster = readRoster(new Uint8Array(readFileSync(rosterFile)));
const dir = mkdtempSync(join(tmpdir(), 'differ-')), file = join(dir, 'transcript');
const accepted = (folder) => readdirSync(join(spec, 'vectors', folder)).map((f) => readFileSync(join(spec, 'vectors', folder, f), 'utf8'))
  .filter((t) => t.includes('expect: accept')).map((t) => Buffer.from(unhex(t.split('\n\n')[1].split('\n').slice(1).join(''))).toString().split('\n').slice(0, -2));

let state = Number(first);
const random = (n) => { state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff; return (state >> 8) % n; };
const pick = (list) => list[random(list.length)];
function verdict(judge) {
  try { return judge() || 'proved'; } catch (e) {
    if (!(e instanceof Refused)) throw e;
    return e.message;
  }
}
const rightWords = (bytes) => { try { return writeProof(readProofLines(bytes)); } catch (e) { if (e instanceof Refused) return bytes; throw e; } };
const FILES = [
  { sources: accepted('transcript'), judge: (bytes) => audit(bytes, roster).wrong.map((w) => w.message).join('; ') },
  { sources: accepted('proof'), finish: rightWords, judge: (bytes) => { verifyProof(readProofText(bytes), roster); } },
];
const CHARACTERS = [...'0123456789abcdefABCDEF+/= |\t'];
const CHANGES = {
  drop: (l, i) => l.splice(i, 1),
  repeat: (l, i) => l.splice(i, 0, l[i]),
  swap: (l, i) => { const k = random(l.length); [l[i], l[k]] = [l[k], l[i]]; },
  borrow: (l, i, sources) => l.splice(i, 0, pick(pick(sources))),
  character: (l, i) => { const at = random(l[i].length + 1); l[i] = l[i].slice(0, at) + pick(CHARACTERS) + l[i].slice(at + 1); },
  bit(l, i) {
    const [, head, body] = /^((?:entry|change|receipt|refusal) \d+ )(.+)$/.exec(l[i]) ?? [];
    if (!body) return;
    const bytes = Buffer.from(body, 'base64');
    bytes[random(bytes.length)] ^= 1 << random(8);
    l[i] = head + bytes.toString('base64');
  },
  replace(l, _, sources) {
    const line = pick(pick(sources).filter((x) => /^(entry|change|receipt|refusal|log|exporter|hash|officer)/.test(x)));
    const at = l.findIndex((x) => x.startsWith(line.split(' ').slice(0, 2).join(' ') + ' '));
    if (at >= 0) l[at] = line;
  },
};
let differ = 0, proved = 0;
for (let i = 0; i < Number(count); i++) {
  const { sources, judge, finish = (b) => b } = FILES[i % FILES.length], lines = [...pick(sources)], done = [];
  for (let k = 1 + random(2); k > 0; k--) {
    const name = pick(Object.keys(CHANGES));
    CHANGES[name](lines, random(lines.length), sources);
    done.push(name);
  }
  const bytes = finish(joinSealed(lines)), ours = verdict(() => judge(bytes));
  writeFileSync(file, bytes);
  const theirs = spawnSync(verifier, ['--roster', rosterFile, file], { encoding: 'utf8' });
  proved += ours === 'proved' ? 1 : 0;
  if ((ours === 'proved') === (theirs.status === 0)) continue;
  differ++;
  console.log(`DIFFER (${done.join(', ')}): ours ${ours}; theirs ${theirs.status}\n${theirs.stdout.slice(0, 500)}`);
}
rmSync(dir, { recursive: true });
console.log(`${count} transcripts and proofs, ${proved} of them proved, ${differ} judged differently`);
process.exitCode = differ > 0 ? 1 : 0;
