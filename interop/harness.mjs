// What the end-to-end programs share: a party "south" of this implementation, a party "north" of the real program (PARLEY,
// PARLEY_VERIFY) in a folder of their own, and waiting for what either says. No wait is a sleep; each has a limit and a name.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { once } from 'node:events';
import * as south from './party.mjs';
import { fromJson, toJson } from './store.mjs';

const { PARLEY, PARLEY_VERIFY } = process.env;
if (!PARLEY || !PARLEY_VERIFY) throw new Error('PARLEY and PARLEY_VERIFY name the programs of the other side');
export const LIMIT = 300000;
export const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'interop-'));
export const at = (...names) => join(dir, ...names);
const began = Date.now();
export const say = (text) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);
export const check = (holds, what) => { if (!holds) throw new Error(`not so: ${what}`); };
const children = new Set();

export async function run(program, args, { input, fails } = {}) {
  const child = spawn(program, args, { cwd: dir, env: { ...process.env, PARLEY_HOME: at('north'), PARLEY_ROOT_PASSPHRASE_FILE: at('root.pass') } });
  let out = '', err = '';
  child.stdout.on('data', (d) => { out += d; });
  child.stderr.on('data', (d) => { err += d; });
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT);
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  if ((code !== 0) !== Boolean(fails)) throw new Error(`${program} ${args.join(' ')}: ${code}\n${out}${err}`);
  return out;
}
export const parley = (args, options) => run(PARLEY, args, options);
export const officer = (name) => ['--officer', name, '--passphrase-file', at(`${name}.pass`)];

let northLog = '';
const northWaits = new Set();
/** Waits until north's log says so. */
export async function northSaid(what, text) {
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => { northWaits.delete(look); reject(new Error(`waited ${LIMIT / 1000} s for north: ${what}`)); }, LIMIT);
    const look = () => {
      if (!northLog.includes(text)) return;
      clearTimeout(timer);
      northWaits.delete(look);
      resolve();
    };
    northWaits.add(look);
    look();
  });
}
export async function gone(what, there) {
  for (const until = Date.now() + LIMIT; there(); await new Promise((r) => setTimeout(r, 50))) if (Date.now() > until) throw new Error(`waited for: ${what}`);
}

/** The other side's station. */
export async function serveNorth() {
  const child = spawn(PARLEY, ['serve'], { env: { ...process.env, PARLEY_HOME: at('north') }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  child.stderr.on('data', (d) => {
    northLog += d;
    for (const look of northWaits) look();
  });
  const line = await Promise.race([once(child.stdout, 'data'), once(child, 'close').then(() => { throw new Error(`parley serve ended: ${northLog}`); })]);
  check(String(line[0]).startsWith('serving'), 'parley serves');
  return { kill: async () => { child.kill('SIGKILL'); await once(child, 'close'); } };
}
/** Our own, in a process of its own. */
export class South {
  #answers = new Map(); #waits = new Set(); #next = 1;
  constructor() {
    this.child = spawn(process.execPath, [here('serve.mjs'), at('south')], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.add(this.child);
    this.messages = new Map();
    this.serving = new Promise((served) => createInterface({ input: this.child.stdout }).on('line', (line) => {
      const o = fromJson(line);
      if (o.event === 'serving') served();
      if (o.event === 'state') this.state = o.state;
      if (o.event === 'message') this.messages.set(o.n, o);
      if (o.id) this.#answers.get(o.id)(o);
      for (const wait of this.#waits) wait();
    }));
  }
  async do(command, args = {}) {
    const id = this.#next++;
    this.child.stdin.write(toJson({ id, do: command, ...args }) + '\n');
    const answer = await new Promise((resolve) => this.#answers.set(id, resolve));
    if (answer.error) throw new Error(`${command}: ${answer.error}`);
    return answer.value;
  }
  /** Waits for events of the station until `holds(state)`. */
  async until(what, holds) {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => { this.#waits.delete(look); reject(new Error(`waited ${LIMIT / 1000} s for: ${what}\n${toJson(this.state)}`)); }, LIMIT);
      const look = () => {
        if (!this.state || !holds(this.state)) return;
        clearTimeout(timer);
        this.#waits.delete(look);
        resolve();
      };
      this.#waits.add(look);
      look();
    });
  }
  async kill() { this.child.kill('SIGKILL'); await once(this.child, 'close'); }
}
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The two parties, before they have a line. */
export async function parties() {
  for (const name of ['root', 'alice', 'bob', 'carl']) writeFileSync(at(`${name}.pass`), `the pass phrase of ${name} alone\n`, { mode: 0o600 });
  await parley(['init', '--party', 'north']);
  for (const name of ['alice', 'bob', 'carl']) await parley(['officer', 'add', name, '--desk', 'duty', '--passphrase-file', at(`${name}.pass`)]);
  south.makeParty(at('south'), { party: 'south', officers: { carol: ['south/duty'], dave: ['south/duty'], 'ليلى': ['south/chief', 'south/duty'] } });
}
/** ROSTER §5: the words, typed wrong first; then one roster on both sides. */
async function compareWords(...file) {
  const confirm = (heard, options) => parley(['line', 'confirm', 'south', ...file, '--words', heard], options);
  await confirm(south.wordsOf(at('south')).replace(/^\S+/, 'zoo'), { fails: true });
  await confirm(south.wordsOf(at('south')));
  const { words, roster } = JSON.parse(await parley(['line', 'show', 'south', '--json']));
  south.confirm(at('south'), words);
  check(roster === readFileSync(at('south', 'roster.txt'), 'utf8'), 'one roster on both sides, to the byte');
  say(`the ceremony is held: one roster on both sides, words "${words}"`);
}
/** North invites, south accepts. */
export async function northInvites() {
  const [cable, sat] = [await freePort(), await freePort()];
  await parley(['line', 'invite', 'south', '--channel', `cable=tcp,north,127.0.0.1:${cable}`, '--channel', `sat=tcp,south,127.0.0.1:${sat},narrow`, '--channel', 'stick=pouch',
    '--check-every', '2s', '--language', 'en', '--language', 'ar', '--out', at('for-south.txt')]);
  writeFileSync(at('for-north.txt'), south.accept(at('south'), new Uint8Array(readFileSync(at('for-south.txt')))));
  await compareWords('--file', at('for-north.txt'));
}
/** South invites, north accepts. */
export async function southInvites() {
  const address = `127.0.0.1:${await freePort()}`;
  writeFileSync(at('for-north.txt'), south.invite(at('south'), 'north', { quorum: { flash: 2, immediate: 1, priority: 1, routine: 1 }, kindQuorum: { text: 1, acknowledgement: 1 },
    channels: [{ name: 'cable', kind: 'tcp', listener: 'north', address }], checkEvery: 1500, languages: ['en', 'ar'], evidence: 'attributable', pouchWindow: 90 * 60000 }));
  await parley(['line', 'accept', at('for-north.txt'), '--out', at('for-south.txt')]);
  south.takeAccept(at('south'), new Uint8Array(readFileSync(at('for-south.txt'))));
  await compareWords();
}

/** Runs the parts, says what failed with the end of north's log, and leaves nothing behind unless KEEP is set. */
export async function program(...parts) {
  let failed = false;
  try {
    for (const part of parts) await part();
  } catch (e) {
    failed = true;
    console.error(`${e.stack}\n${northLog.split('\n').slice(-25).join('\n')}`);
  }
  for (const child of children) child.kill('SIGKILL');
  if (process.env.KEEP) {
    writeFileSync(at('north.log'), northLog);
    console.log(dir);
  } else rmSync(dir, { recursive: true, force: true });
  process.exit(failed ? 1 : 0);
}
