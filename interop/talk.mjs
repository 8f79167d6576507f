// node interop/talk.mjs: south and the real program's north agree on a line, talk over tcp and by pouch, lose frames, secrets and
// processes, and export what was said.
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hex } from './bytes.mjs';
import { South, at, check, gone, here, northInvites, northSaid, officer, parley, parties, program, run, say, serveNorth } from './harness.mjs';
import { toJson } from './store.mjs';

const ARABIC = ['السفينة خارج مياهنا.', 'لا نعتبر هذا عملاً عدائياً.', 'نطلب تأكيداً قبل السادسة.', 'سفينتكم «النورس» على بُعد ٤ أميال.'];
const textOf = (who, n) => (n % 3 === 0 ? `${ARABIC[n % 4]} (${n})` : `${who} says ${n}: our patrol keeps clear of the strait.`);
const expected = { north: new Map(), south: new Map() };
let north, peer;

let spoken = 0;
/** Four at a time: what takes long is that each command stretches the officer's passphrase. The station says which number it gave. */
async function northSays(count) {
  const one = async () => {
    while (count-- > 0) {
      const k = ++spoken, body = textOf('North', k);
      const out = await parley(['send', '--to', 'south/duty', '--precedence', ['routine', 'priority', 'immediate'][k % 3], ...officer('alice')], { input: body });
      expected.north.set(Number(/north\/(\d+) is released/.exec(out)[1]), body);
    }
  };
  await Promise.all([one(), one(), one(), one()]);
}
async function southSays(count, more = {}) {
  for (let i = 0; i < count; i++) {
    const body = textOf('South', expected.south.size + 1);
    const n = await peer.do('say', { from: 'south/duty', to: ['north/duty'], body, precedence: 2 + (expected.south.size % 3), officers: ['carol'], ...more });
    expected.south.set(n, body);
  }
}
/** Both sides hold all, and have the other's proof of it. */
async function allReceipted(what) {
  await peer.until(`${what}: south holds ${expected.north.size} and has cosigned them`, (s) => s.contiguous === expected.north.size && s.theyAreCosigned === s.contiguous);
  await peer.until(`${what}: north receipted all of south's`, (s) => s.receipted === s.size && s.cosigned === s.size);
  await northSaid(`${what}: that south holds all of north's`, `south proved to hold everything up to north/${expected.north.size}\n`);
}
async function restart() {
  await Promise.all([north.kill(), peer.kill()]);
  [north] = [await serveNorth()];
  peer = new South();
  await peer.serving;
}
const up = (name) => (s) => s.channels.some((c) => c.name === name && c.up && c.proved);

/** People who carry sticks: every file that lies in one folder is brought to the other. */
function carriers() {
  const ways = [[at('north', 'pouch', 'south', 'out'), at('south', 'pouch', 'in')], [at('south', 'pouch', 'out'), at('north', 'pouch', 'south', 'in')]];
  let carried = 0;
  const timer = setInterval(() => {
    for (const [from, to] of ways) {
      mkdirSync(to, { recursive: true });
      for (const name of readdirSync(from).filter((f) => /^[^.].*\.pouch$/.test(f))) { renameSync(join(from, name), join(to, name)); carried++; }
    }
  }, 100);
  return () => { clearInterval(timer); return carried; };
}

async function tcp() {
  north = await serveNorth();
  peer = new South();
  await peer.serving;
  await peer.until('cable and sat proved both ways', (s) => up('cable')(s) && up('sat')(s));
  await parley(['check', '--wait', '4m']);
  say('both stations are up, cable and sat are proved by line checks of both sides');
  await Promise.all([northSays(15), southSays(15)]);
  await allReceipted('the first 15');
  say('15 messages each way, receipted by cosignature');

  // Flash: two officers, single receipts
  const body = 'Four aircraft of yours are nine minutes from our airspace. أربع طائرات.';
  const n = await peer.do('say', { from: 'south/duty', to: ['north/duty'], body, precedence: 1, officers: ['carol', 'dave'] });
  expected.south.set(n, body);
  await peer.until('the single receipt of a Flash', (s) => s.receipts.includes(n));
  await parley(['draft', 'add', '--to', 'south/duty', '--precedence', 'flash'], { input: body });
  const [draft] = JSON.parse(await parley(['draft', 'list', '--json'])).drafts ?? JSON.parse(await parley(['draft', 'list', '--json']));
  for (const name of ['alice', 'bob']) await parley(['release', draft.id ?? draft.draft, ...officer(name)]);
  expected.north.set(expected.north.size + 1, body);
  await peer.until('a Flash of north', (s) => s.weReceipted.includes(expected.north.size));
  await allReceipted('Flash');
  say('a Flash each way, with two officers and a single receipt');

  // Answers of persons
  await parley(['ack', 'south/1', 'accepted', '--note', 'نراها. نبتعد عنها.', '--language', 'ar', ...officer('carl')]);
  expected.north.set(expected.north.size + 1, 'نراها. نبتعد عنها.');
  const { mine, theirs } = await peer.do('log');
  const ack = await peer.do('say', { kind: 2, from: 'south/duty', to: ['north/duty'], references: [[theirs, 1]], answer: { answer: 7, by: Date.now() + 3600000 }, officers: ['carol'] });
  expected.south.set(ack, undefined);
  await allReceipted('acknowledgements');
  const heard = (await peer.do('message', { n: expected.north.size })).content;
  check(heard.kind === 2 && heard.answer.answer === 2 && hex(heard.references[0][0]) === hex(mine) && heard.references[0][1] === 1, 'the acknowledgement of north');
  check(JSON.parse(await parley(['show', `south/${ack}`, '--json'])).answer === 'reply-by', 'north has the reply-by of south');
  say('an acknowledgement each way: accepted, with a note in Arabic, and reply-by');

  // What north must refuse: the draft that was sent before
  const again = { from: 'south/duty', to: ['north/duty'], draft: new Uint8Array(16).fill(7), officers: ['carol'], unbelieved: true };
  for (const text of ['Said once.', 'Said twice.']) expected.south.set(await peer.do('say', { ...again, body: text }), text);
  await peer.until('the refusal of a replay', (s) => s.refusals.some(([k, reason]) => k === expected.south.size && reason === 9));
  await allReceipted('a refusal');
  say('north refuses a replay, and receipts it');

  // A gap: the frames of the next message are lost, those of a Flash behind it arrive
  for (const channel of ['cable', 'sat']) await peer.do('drop', { channel, count: 2 });
  await southSays(1);
  const flash = await peer.do('say', { from: 'south/duty', to: ['north/duty'], body: 'Behind a gap.', precedence: 1, officers: ['carol', 'dave'] });
  expected.south.set(flash, 'Behind a gap.');
  await allReceipted('a gap');
  say('frames were lost; what was missing went again');
}

async function restarts() {
  // Killed in mid-conversation
  await southSays(5);
  await northSays(1);
  await restart();
  await Promise.all([northSays(6), southSays(6)]);
  await allReceipted('after kill -9 of both');
  say('both were killed in mid-conversation and started again; nothing is lost');

  const before = peer.state.epochsOut.at(-1).id;
  await peer.do('rotate');
  await Promise.all([northSays(4), southSays(4)]);
  await allReceipted('after the rotation');
  await peer.until('the new epoch is held', (s) => s.epochsOut.at(-1).held && s.epochsOut.at(-1).id !== before);
  const second = peer.state.epochsOut.at(-1).id, files = () => readdirSync(at('north', 'keys', 'epochs')), there = () => files().includes(second);
  check(there(), 'north keeps the secret of the epoch');
  await peer.do('rotate');
  await southSays(4);
  await allReceipted('after the second rotation');
  await peer.until('the second epoch, which no carrier took, is closed', (s) => !s.epochsOut.some((e) => e.id === second));
  await gone('north destroys the secret of the epoch that was closed', there);
  say('south opened two epochs more and closed one, and north destroyed its secret');

  const lose = async () => {
    await peer.do('lose');
    const known = new Set(peer.state.epochsIn);
    await northSays(2);
    await peer.until('an epoch that north opened after "unknown"', (s) => s.epochsIn.some((id) => !known.has(id)));
    await allReceipted('after the loss of secrets');
  };
  const batch = peer.state.prekeys.ofOurs;
  await lose();
  await peer.until('a new batch of prekeys of south, as few were left', (s) => s.prekeys.ofOurs !== batch);
  const left = peer.state.prekeys.ours;
  await lose();
  check(peer.state.prekeys.ours === left - 1, 'north opens its next epoch to a prekey of the new batch');
  say('south lost its secrets twice and said unknown; north opened other epochs, one to a prekey of a later batch');
  await southSays(50 - expected.south.size > 0 ? 50 - expected.south.size : 0);
  await northSays(50 - expected.north.size > 0 ? 50 - expected.north.size : 0);
  await allReceipted('50 each way');
  check(peer.state.prekeys.theirsAt > 0, 'north sent prekeys');
  say(`${expected.north.size} messages of north and ${expected.south.size} of south over tcp`);
}

async function pouch() {
  for (const channel of ['cable', 'sat']) {
    await parley(['channel', 'disable', channel]);
    await peer.do('enable', { channel, on: false });
  }
  const stop = carriers();
  await Promise.all([northSays(10), southSays(10)]);
  await allReceipted('by pouch');
  say(`10 messages each way by pouch alone, in ${stop()} files`);
}

async function record() {
  const roster = at('south', 'roster.txt'), ours = at('south.transcript'), theirs = at('north.transcript');
  writeFileSync(ours, await peer.do('transcript'));
  await parley(['export', '--out', theirs]);
  for (const file of [ours, theirs]) {
    await run(process.env.PARLEY_VERIFY, ['--roster', roster, file]);
    check((await run(process.execPath, [here('verify.mjs'), file, roster])).includes('PROVED: nothing is wrong'), `our audit of ${file}`);
  }
  const { audit } = await import('./transcript.mjs'), { readRoster } = await import('./roster.mjs');
  for (const file of [ours, theirs]) {
    const { logs, wrong } = audit(new Uint8Array(readFileSync(file)), readRoster(new Uint8Array(readFileSync(roster))));
    check(wrong.length === 0, 'nothing is wrong');
    for (const l of logs) {
      const said = expected[l.party], read = new Map(l.messages.map(({ n, content }) => [n, content.body]));
      check(l.cosigned === said.size, `all ${said.size} of ${l.party} are cosigned`);
      for (const [n, body] of said) check(read.get(n) === body || body === 'Said twice.', `${l.party}/${n} reads as it was said`);
    }
  }
  for (const format of ['text', 'cbor', 'tlog-proof']) {
    const proof = at(`proof.${format}`), range = format === 'tlog-proof' ? ['--message', 'south/17'] : ['--from', '17', '--to', '40'];
    await parley(['export', ...range, '--format', format, '--out', proof]);
    check((await run(process.execPath, [here('verify.mjs'), proof, roster])).includes('PROVED: '), `north's proof as ${format}`);
  }
  const lines = readFileSync(theirs, 'utf8').split('\n').length;
  say(`transcripts of both sides: verified by parley-verify and by verify.mjs, every text as it was said (${lines} lines); and proofs of some of them`);
}

await program(parties, northInvites, tcp, restarts, pouch, record, () => {
  say(`DONE: ${expected.north.size} messages of north, ${expected.south.size} of south; what south counted: ${toJson(peer.state.counts)}`);
});
