// node interop/verify.mjs FILE ROSTER: audits a transcript (TRANSCRIPT §7), a proof of a fork (§5) or of messages (PROOF). Exit 0 if all is proved.
import { readFileSync } from 'node:fs';
import { Refused } from './bytes.mjs';
import { verifyFork } from './fork.mjs';
import { verifyProof } from './proof.mjs';
import { logsOf, readAnyProof, words as wordsOf } from './prooftext.mjs';
import { readRoster, words } from './roster.mjs';
import { audit } from './transcript.mjs';

const [, , file, rosterFile] = process.argv;
if (!rosterFile) {
  console.error('usage: node interop/verify.mjs FILE ROSTER');
  process.exit(2);
}
try {
  const roster = readRoster(new Uint8Array(readFileSync(rosterFile))), bytes = new Uint8Array(readFileSync(file));
  console.log(`words of the roster given: ${words(roster.lineId)}`);
  const head = Buffer.from(bytes.subarray(0, 17)).toString();
  if (head.startsWith('parley-fork')) {
    const { party, sizes } = verifyFork(bytes, roster);
    console.log(`PROVED: ${party} signed two histories (sizes ${sizes.join(' and ')})`);
  } else if (head !== 'parley-transcript') {
    const p = readAnyProof(bytes, logsOf(roster));
    verifyProof(p, roster);
    console.log(`${wordsOf(p).join('\n')}\nPROVED: ${p.shown.length} messages of ${p.party}`);
  } else {
    const { wrong, notes, logs } = audit(bytes, roster);
    for (const l of logs) console.log(`${l.party}: ${l.messages.length} messages believed, cosigned to ${l.cosigned}, ${l.receipts?.size ?? 0} single receipts`);
    notes.forEach((n) => console.log(`note: ${n}`));
    wrong.forEach((w) => console.log(`WRONG: ${w.message}`));
    console.log(wrong.length === 0 ? 'PROVED: nothing is wrong' : `NOT PROVED: ${wrong.length} wrong`);
    if (wrong.length > 0) process.exitCode = 1;
  }
} catch (e) {
  if (!(e instanceof Refused)) throw e;
  console.log(`REFUSED: ${e.message}`);
  process.exitCode = 1;
}
