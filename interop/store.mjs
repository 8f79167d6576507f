// FLOW §2: "Nothing is sent before it is durable, and nothing is receipted before it is durable. A write that failed is not a
// "no": it is unknown, and the station stops and looks." A journal of JSON lines, and a folder of secrets beside it.
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { b64, unb64 } from './bytes.mjs';

const wrap = (_, v) => (v?.type === 'Buffer' ? { b64: Buffer.from(v.data).toString('base64') } : v instanceof Uint8Array ? { b64: b64(v) } : v);
const unwrap = (_, v) => (v && typeof v === 'object' && typeof v.b64 === 'string' ? unb64(v.b64) : v);
export const toJson = (v) => JSON.stringify(v, wrap);
export const fromJson = (text) => JSON.parse(text, unwrap);

export function syncFolder(path) {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
/** A file appears under its name only when it is complete and on the disk. */
export function writeDurably(folder, name, bytes) {
  const draft = join(folder, `.${name}.new`), fd = openSync(draft, 'w', 0o600);
  writeSync(fd, bytes);
  fsyncSync(fd);
  closeSync(fd);
  renameSync(draft, join(folder, name));
  syncFolder(folder);
}

export class Store {
  #fd; #pending = [];
  constructor(home) {
    this.secrets = join(home, 'secrets');
    mkdirSync(this.secrets, { recursive: true, mode: 0o700 });
    this.path = join(home, 'journal');
    this.records = this.#read();
    this.#fd = openSync(this.path, 'a', 0o600);
    syncFolder(home);
  }
  #read() {
    if (!existsSync(this.path)) return [];
    const text = readFileSync(this.path, 'utf8'), whole = text.lastIndexOf('\n') + 1;
    // A line that was being written when the station died was never answered.
    if (whole < text.length) truncateSync(this.path, Buffer.byteLength(text.slice(0, whole)));
    return text.slice(0, whole).split('\n').filter(Boolean).map(fromJson);
  }
  /** Durable only with the next sync(): several records become durable together. */
  append(record) { this.#pending.push(toJson(record) + '\n'); }
  sync() {
    if (this.#pending.length === 0) return;
    writeSync(this.#fd, this.#pending.join(''));
    fsyncSync(this.#fd);
    this.#pending = [];
  }
  close() { closeSync(this.#fd); }

  // ENVELOPE §4: "Secrets of epochs and prekeys MUST be kept where neither backups nor the free pages of a database retain them."
  keep(name, secret) { writeDurably(this.secrets, name, secret); }
  secret(name) {
    const path = join(this.secrets, name);
    return existsSync(path) ? new Uint8Array(readFileSync(path)) : undefined;
  }
  destroy(name) {
    const path = join(this.secrets, name);
    if (!existsSync(path)) return;
    const fd = openSync(path, 'r+');
    writeSync(fd, new Uint8Array(32));
    fsyncSync(fd);
    closeSync(fd);
    rmSync(path);
    syncFolder(this.secrets);
  }
}
