// node interop/later.mjs: what comes in the years of a line. South invites and north accepts; officers of north come and go, its hop
// key is changed and said to be compromised (CHANGE); then south signs two histories, and the proof of it is verified (TRANSCRIPT §5).
import { readFileSync, writeFileSync } from 'node:fs';
import { South, at, check, here, northSaid, officer, parley, parties, program, run, say, serveNorth, southInvites } from './harness.mjs';

let north, peer, size = 0;
const connected = (s) => s.channels[0].up && s.channels[0].proved;

async function start() {
  north = await serveNorth();
  peer = new South();
  await peer.serving;
  await peer.until('cable is proved', connected);
}
/** Officers of north approve the one draft that waits; it is entry ++size. */
async function release(what, ...names) {
  const list = JSON.parse(await parley(['draft', 'list', '--json'])), [draft] = list.drafts ?? list;
  for (const name of names) await parley(['release', draft.id ?? draft.draft, ...officer(name)]);
  size++;
  await peer.until(what, (s) => s.contiguous === size);
  check(peer.messages.get(size).believed, `${what} is believed: ${peer.messages.get(size).message}`);
  await northSaid(`that south holds north/${size}`, `south proved to hold everything up to north/${size}\n`);
}
async function says(name, believed = true) {
  await parley(['send', '--to', 'south/duty', ...officer(name)], { input: `This is ${name}.` });
  await peer.until(`a message of ${name}`, (s) => s.contiguous === size + 1);
  size++;
  check(peer.messages.get(size).believed === believed, `${name} is an officer`);
}

async function officers() {
  await start();
  await says('carl');
  writeFileSync(at('dora.pass'), 'the pass phrase of dora alone\n', { mode: 0o600 });
  await parley(['officer', 'add', 'dora', '--desk', 'duty', '--passphrase-file', at('dora.pass')]);
  await parley(['officer', 'join', 'dora']);
  await release('dora joins', 'alice', 'bob');
  await says('dora');
  await parley(['officer', 'leave', 'bob']);
  await release('bob leaves', 'alice', 'dora');
  check(peer.state.side.officers.join() === 'alice,carl,dora', 'the officers of north as south knows them');
  await parley(['officer', 'compromised', 'carl', '--since', 'north/1']);
  await release('carl is compromised', 'alice', 'dora');
  check(peer.state.side.officers.join() === 'alice,dora', 'the officers of north as south knows them');
  say('an officer of north joined, one left, one is compromised; south knows them');
}

async function hopKeys() {
  const old = peer.state.side.hop;
  await parley(['key', 'roll', 'hop']);
  await release('another hop key', 'alice', 'dora');
  check(peer.state.side.hop !== old, 'south knows the new hop key');
  await Promise.all([north.kill(), peer.kill()]);
  await start();
  await peer.until('north shows the new hop key', (s) => s.channels[0].up && s.channels[0].hop === s.side.hop);
  const second = peer.state.side.hop;
  await parley(['key', 'compromised', 'hop', '--since', `north/${size}`]);
  await release('a compromised hop key', 'alice', 'dora');
  await peer.until('a third hop key, after the connection of the second was ended', (s) => s.channels[0].up && s.channels[0].hop === s.side.hop && s.side.hop !== second);
  await says('alice');
  say('the hop key of north was changed twice; the connection that a compromised one opened was ended');
}

async function record() {
  await parley(['export', '--out', at('north.transcript')]);
  writeFileSync(at('south.transcript'), await peer.do('transcript'));
  for (const file of [at('north.transcript'), at('south.transcript')]) {
    const theirs = await run(process.env.PARLEY_VERIFY, ['--roster', at('south', 'roster.txt'), file]);
    const ours = await run(process.execPath, [here('verify.mjs'), file, at('south', 'roster.txt')]);
    check(/north\/1 is IN DOUBT: carl/.test(ours) && /doubt/i.test(theirs), 'both verifiers say that north/1 is in doubt');
  }
  say('both transcripts verify, with the changes; what carl signed is in doubt');
}

async function fork() {
  const n = await peer.do('say', { from: 'south/duty', to: ['north/duty'], body: 'One history.', officers: ['carol'] });
  await peer.until('a cosignature', (s) => s.cosigned === n);
  await peer.do('contradict');
  await northSaid('an alarm', 'ALARM');
  const m = await peer.do('say', { from: 'south/duty', to: ['north/duty'], body: 'After it.', officers: ['carol'] });
  await peer.until('the single receipt of an entry of a log that is cosigned no further', (s) => s.receipts.includes(m));
  check(peer.state.cosigned === n, 'it is cosigned no further');
  await parley(['fork', '--out', at('fork.txt')]);
  check((await run(process.execPath, [here('verify.mjs'), at('fork.txt'), at('south', 'roster.txt')])).includes('PROVED: south signed two histories'), 'the proof of the fork');
  await run(process.env.PARLEY_VERIFY, ['--roster', at('south', 'roster.txt'), at('fork.txt')]);
  check(readFileSync(at('fork.txt'), 'utf8').startsWith('parley-fork v1\n'), 'the file');
  say('south signed two histories; north keeps the proof, receipts singly, and both verifiers find it proved');
}

await program(parties, southInvites, officers, hopKeys, record, fork, () => say('DONE'));
