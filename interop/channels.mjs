// FRAME §1, §3, §4: what carries frames. A channel emits `up`, `down` and `frame`, and has send(frame).
import { EventEmitter } from 'node:events';
import { createServer, connect } from 'node:net';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isZero, must, unbig } from './bytes.mjs';
import { MAX_FRAME, prefixed, readPouch, writePouch } from './frame.mjs';
import { writeDurably } from './store.mjs';
import { TlsConnection } from './tls.mjs';

const ALPN = 'parley-tcp/1', HANDSHAKE = 10000, MID_FRAME = 60000, MAX_WAITING = 16;

/** hop: { seed(), accepts(key) }; the roster says who listens where. */
export class TcpChannel extends EventEmitter {
  #connection; #closed = false; #delay = 50; #waiting = new Set();
  constructor({ name, address, listener, narrow }, { me, hop }) {
    super();
    const [, host, port] = /^\[?(.*?)\]?:(\d+)$/.exec(address);
    Object.assign(this, { name, narrow, carried: false, up: false, host, port: Number(port), hop });
    if (listener === me) this.#listen();
    else this.#dial();
  }
  #listen() {
    this.server = createServer((socket) => {
      // "A listening side MUST bound the connections that have not proved a key […]; the oldest gives way."
      this.#waiting.add(socket);
      if (this.#waiting.size > MAX_WAITING) [...this.#waiting][0].destroy();
      this.#run(socket, 'server').finally(() => this.#waiting.delete(socket));
    }).listen(this.port, this.host);
  }
  #dial() {
    if (this.#closed) return;
    const socket = connect(this.port, this.host), again = () => {
      this.retry = setTimeout(() => this.#dial(), this.#delay);
      this.#delay = Math.min(1000, this.#delay * 2);
    };
    socket.once('close', again);
    this.#run(socket, 'client');
  }
  async #run(socket, role) {
    socket.setNoDelay(true).setKeepAlive(true);
    const connection = new TlsConnection(socket, { role, seed: this.hop.seed(), accepts: this.hop.accepts, alpn: ALPN });
    const timer = setTimeout(() => socket.destroy(), HANDSHAKE);
    let mid;
    try {
      if (role === 'client') {
        await connection.connect();
        must(isZero(await connection.read(4)), 'tls', 'greeting');
      } else {
        await connection.accept();
        connection.send(new Uint8Array(4));
      }
      clearTimeout(timer);
      this.#waiting.delete(socket);
      // "A newer connection of the same peer takes the place of the older, which is closed."
      const older = this.#connection;
      this.#connection = connection;
      older?.end();
      this.#delay = 50;
      if (!this.#closed) this.#state(true);
      for (;;) {
        const length = unbig(await connection.read(4));
        must(length >= 1 && length <= MAX_FRAME, 'tls', `a length of ${length}`);
        mid = setTimeout(() => socket.destroy(), MID_FRAME);
        const frame = await connection.read(length);
        clearTimeout(mid);
        this.#give(frame);
      }
    } catch (e) {
      this.trouble = e.message;
      this.emit('trouble', e);
      socket.destroy();
    } finally {
      clearTimeout(timer);
      clearTimeout(mid);
      if (this.#connection === connection) {
        this.#connection = undefined;
        this.#state(false);
      }
    }
  }
  /** A fault of the station, a failed write above all, is no trouble of the channel: it stops the program (FLOW §2). */
  #give(frame) {
    try { this.emit('frame', frame); } catch (e) { setImmediate(() => { throw e; }); }
  }
  #state(up) {
    this.up = up;
    try { this.emit(up ? 'up' : 'down'); } catch (e) { setImmediate(() => { throw e; }); }
  }
  get peerKey() { return this.#connection?.peerKey; }
  /** CHANGE §6: "it MUST end the connections that may have been opened with that key." */
  recheck() { if (this.#connection && !this.hop.accepts(this.peerKey)) this.#connection.end(); }
  send(frame) { if (this.up) this.#connection.send(prefixed(frame)); }
  close() {
    this.#closed = true;
    clearTimeout(this.retry);
    this.server?.close();
    for (const socket of this.#waiting) socket.destroy();
    this.#connection?.end();
  }
}

const LOOK_EVERY = 200, UNDER_WAY = 30000, MAX_FILES = 4096;
/** FRAME §4: two folders for a peer. */
export class PouchChannel extends EventEmitter {
  #timer; #odd = new Map();
  constructor({ name, narrow }, { out, into }) {
    super();
    Object.assign(this, { name, narrow, carried: true, up: true, out, into });
    for (const folder of [out, into]) mkdirSync(folder, { recursive: true });
    setImmediate(() => this.emit('up'));
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
  }
  send(frame) {
    const { name, bytes } = writePouch([frame]);
    if (existsSync(join(this.out, name)) || readdirSync(this.out).length >= MAX_FILES) return;
    writeDurably(this.out, name, bytes);
  }
  #look() {
    for (const name of readdirSync(this.into)) {
      if (!/^[^.].*\.pouch$/i.test(name)) continue;
      const path = join(this.into, name);
      try {
        // "A reader deletes a file once every frame in it has been settled by its station": `frame` is handled at once.
        for (const frame of readPouch(new Uint8Array(readFileSync(path)))) this.emit('frame', frame);
        rmSync(path);
        this.#odd.delete(name);
      } catch (e) {
        if (e.reason !== 'malformed') throw e;
        const since = this.#odd.get(name) ?? Date.now();
        this.#odd.set(name, since);
        if (Date.now() - since > UNDER_WAY) renameSync(path, `${path}.aside-${statSync(path).mtimeMs}`);
      }
    }
  }
  close() { clearInterval(this.#timer); }
}
