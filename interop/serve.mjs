// node interop/serve.mjs HOME: runs the station of a home. Commands come as lines of JSON on standard input, { id, do, … };
// answers { id, value } or { id, error }, and { event, … } for what happens, go to standard output. It ends with its input.
import { createInterface } from 'node:readline';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hex } from './bytes.mjs';
import { PART } from './frame.mjs';
import { signCheckpoint } from './notes.mjs';
import { openStation } from './party.mjs';
import { fromJson, toJson } from './store.mjs';

const home = process.argv[2];
const station = openStation(home);
const print = (o) => process.stdout.write(toJson(o) + '\n');
const officers = fromJson(readFileSync(join(home, 'party.json'), 'utf8')).seeds.officers;

const state = () => {
  const { outbound, inbound, epochs, channels, counts } = station;
  return {
    size: outbound.size, cosigned: outbound.cosigned?.size ?? 0, receipted: outbound.entries.filter((e) => e.receipted).length,
    receipts: [...outbound.receipts.keys()], refusals: [...outbound.refusals].map(([n, r]) => [n, r.reason]), halted: outbound.halted,
    held: inbound.held.size, contiguous: inbound.size, theyAreCosigned: inbound.cosigned?.size ?? 0, weReceipted: [...inbound.receipts.keys()],
    weRefused: [...inbound.verdicts].filter(([, v]) => !v.believed).map(([n, v]) => [n, v.reason, v.message]), fork: inbound.fork,
    epochsOut: epochs.out.map((e) => ({ id: hex(e.id), held: e.held })), epochsIn: [...epochs.in.keys()], closedIn: [...epochs.closed],
    prekeys: { ours: epochs.own.unused.size, ofOurs: hex(epochs.own.lastResort).slice(0, 16), theirs: epochs.theirs.prekeys.length, theirsAt: epochs.theirs.time, used: epochs.used.size },
    side: { officers: inbound.belief.side.officers.map((o) => o.name), hop: hex(inbound.belief.side.hop), changes: inbound.belief.changes },
    channels: channels.map((c) => ({ name: c.name, up: c.up, enabled: c.enabled, proved: c.checks.proved, hop: c.peerKey && hex(c.peerKey), trouble: c.trouble })), counts,
  };
};
const COMMANDS = {
  say({ officers: names, ...content }) {
    const { do: _, id: __, ...rest } = content;
    const all = { draft: new Uint8Array(randomBytes(16)), status: 1, kind: 1, language: 'en', precedence: 4, ...rest };
    return station.say(all, names.map((n) => officers[n]));
  },
  state,
  message: ({ n }) => station.inbound.verdicts.get(n),
  log: () => ({ mine: station.me.log, theirs: station.theirs.log }),
  rotate: () => station.rotate(),
  /** As after a restore: the secrets of what the peer opened are lost. */
  lose() {
    for (const id of [...station.epochs.in.keys()]) {
      station.store.destroy(`epoch-in-${id}`);
      station.epochs.in.delete(id);
    }
  },
  enable({ channel, on }) { station.channels.find((c) => c.name === channel).enabled = on; },
  /** The next `count` frames that leave by this channel are lost on their way. */
  drop({ channel: name, count }) {
    const channel = station.channels.find((c) => c.name === name), { send } = channel;
    let left = count;
    channel.send = (frame) => { if (left-- > 0) return; channel.send = send; send.call(channel, frame); };
  },
  /** Signs a second history: another root of the size that there is. */
  contradict() {
    const { line, me, seeds, outbound } = station, root = new Uint8Array(randomBytes(32));
    station.tell([[PART.checkpoint, signCheckpoint({ line, log: me.log, size: outbound.size, root }, seeds.logKey)]]);
  },
  transcript: () => station.transcript(),
};
for (const event of ['message', 'cosigned', 'refusal', 'refused']) station.on(event, (value) => print({ event, ...value }));
let told = '';
station.on('change', () => {
  const now = toJson(state());
  if (now !== told) print({ event: 'state', state: state() });
  told = now;
});
station.start();
createInterface({ input: process.stdin }).on('line', (line) => {
  const command = fromJson(line);
  try { print({ id: command.id, value: COMMANDS[command.do](command) ?? null }); } catch (e) { print({ id: command.id, error: e.message }); }
}).on('close', () => {
  station.stop();
  process.exit(0);
});
print({ event: 'serving' });
