// FRAME §3: "Version 1.3 (RFC 8446), ALPN parley-tcp/1, no server name, no session tickets. Both sides present a certificate,
// self-signed, with their Ed25519 hop key […] the key exchange was a hybrid with ML-KEM: X25519MLKEM768 (0x11ec)".
//
// The TLS of Node 20 (OpenSSL 3.0) has no such group, so this is TLS 1.3 with one choice of everything: X25519MLKEM768,
// TLS_CHACHA20_POLY1305_SHA256, Ed25519. Section numbers below are of RFC 8446.
import { x25519 } from '@noble/curves/ed25519.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { hmac } from '@noble/hashes/hmac.js';
import { extract, expand } from '@noble/hashes/hkdf.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { randomBytes } from 'node:crypto';
import { big, concat, equal, hex, must, unbig, unhex, utf8 } from './bytes.mjs';
import { publicOf, signBytes, verifyBytes } from './cose.mjs';

const GROUP = '11ec', SUITE = '1303', ED25519 = '0807';
const NONE = new Uint8Array(), ZERO = new Uint8Array(32);
const HELLO = { client: 1, server: 2 }, ENCRYPTED_EXTENSIONS = 8, CERTIFICATE = 11, REQUEST = 13, VERIFY = 15, FINISHED = 20, TICKET = 4, KEY_UPDATE = 24;
const EXT = { groups: 10, algorithms: 13, alpn: 16, versions: 43, share: 51 };
const tls = (ok, what) => must(ok, 'tls', what);
const vec = (n, ...parts) => { const body = concat(...parts); return concat(big(body.length, n), body); };
const ext = (type, ...body) => concat(big(type, 2), vec(2, ...body));

/** Reads the vectors of a message. */
class Reader {
  constructor(bytes) { Object.assign(this, { bytes, at: 0 }); }
  take(n) { tls(this.at + n <= this.bytes.length, 'cut off'); return this.bytes.subarray(this.at, (this.at += n)); }
  vec(n) { return this.take(unbig(this.take(n))); }
  get done() { return this.at === this.bytes.length; }
  extensions() {
    const all = new Reader(this.vec(2)), out = new Map();
    while (!all.done) out.set(unbig(all.take(2)), all.vec(2));
    return out;
  }
}

// A self-signed certificate of X.509 with nothing in it but the key, and the key of the other side's.
const der = (tag, ...parts) => {
  const body = concat(...parts), n = body.length;
  return concat(Uint8Array.of(tag, ...(n < 128 ? [n] : n < 256 ? [0x81, n] : [0x82, n >> 8, n & 255])), body);
};
const ALGORITHM = unhex('300506032b6570');
function makeCertificate(seed) {
  const date = (text) => der(0x17, utf8(text));
  const tbs = der(0x30, unhex('a003020102020101'), ALGORITHM, der(0x30), der(0x30, date('200101000000Z'), date('491231235959Z')), der(0x30),
    der(0x30, ALGORITHM, der(0x03, Uint8Array.of(0), publicOf(seed))));
  return der(0x30, tbs, ALGORITHM, der(0x03, Uint8Array.of(0), signBytes(tbs, seed)));
}
function keyOfCertificate(bytes) {
  const item = (r) => {
    const [tag, first] = r.take(2);
    const n = first < 128 ? first : unbig(r.take(first & 127));
    return { tag, body: r.take(n) };
  };
  const fields = [], tbs = new Reader(item(new Reader(item(new Reader(bytes)).body)).body);
  while (!tbs.done) fields.push(item(tbs));
  const spki = new Reader(fields[fields[0].tag === 0xa0 ? 6 : 5].body);
  tls(equal(spki.take(7), ALGORITHM), 'a certificate of another kind of key');
  const bits = item(spki).body;
  tls(bits.length === 33 && bits[0] === 0, 'the key of the certificate');
  return bits.slice(1);
}

// §7.1 the key schedule
const expandLabel = (secret, label, context, length) =>
  expand(sha256, secret, concat(big(length, 2), vec(1, 'tls13 ', label), vec(1, context)), length);
const derive = (secret, label, transcript) => expandLabel(secret, label, sha256(transcript), 32);

/** One direction of the record protection (§5.2, §5.3). */
class Protection {
  constructor(secret) { this.use(secret); }
  use(secret) {
    Object.assign(this, { secret, key: expandLabel(secret, 'key', NONE, 32), iv: expandLabel(secret, 'iv', NONE, 12), sequence: 0n });
  }
  update() { this.use(expandLabel(this.secret, 'traffic upd', NONE, 32)); }
  aead(header) {
    const nonce = this.iv.map((b, i) => b ^ big(this.sequence, 12)[i]);
    this.sequence++;
    return chacha20poly1305(this.key, nonce, header);
  }
  seal(type, data) {
    const header = concat(unhex('170303'), big(data.length + 17, 2));
    return concat(header, this.aead(header).encrypt(concat(data, Uint8Array.of(type))));
  }
  open(header, data) {
    const plain = this.aead(header).decrypt(data);
    let end = plain.length - 1;
    while (end >= 0 && plain[end] === 0) end--;
    tls(end >= 0, 'a record of nothing');
    return { type: plain[end], data: plain.subarray(0, end) };
  }
}

/** A connection whose other side proved one of the hop keys expected: send(bytes), read(n), end(). */
export class TlsConnection {
  #chunks = []; #buffered = 0; #wake; #ended; #plain = NONE; #handshake = NONE;
  constructor(socket, { role, seed, accepts, alpn }) {
    Object.assign(this, { socket, role, seed, accepts, alpn, transcript: NONE });
    socket.on('data', (d) => { this.#chunks.push(d); this.#buffered += d.length; this.#wake?.(); });
    const end = (e) => { this.#ended ??= e ?? new Error('the connection ended'); this.#wake?.(); };
    socket.on('error', end);
    socket.on('close', () => end());
  }
  async #raw(n) {
    while (this.#buffered < n) {
      if (this.#ended) throw this.#ended;
      await new Promise((wake) => { this.#wake = wake; });
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(n)];
    this.#buffered -= n;
    return new Uint8Array(all.subarray(0, n));
  }
  /** §5.1: the next record that is not a change_cipher_spec, opened. */
  async #record() {
    for (;;) {
      const header = await this.#raw(5), length = unbig(header.subarray(3));
      tls(length <= 16640, 'a record too long');
      const data = await this.#raw(length);
      if (header[0] === 20) continue;
      const record = this.reading && header[0] === 23 ? this.reading.open(header, data) : { type: header[0], data };
      tls(!this.reading || header[0] === 23, 'a record in the clear');
      if (record.type === 21) throw new Error(`alert ${record.data[1]}`);
      return record;
    }
  }
  async #message(type) {
    for (;;) {
      const have = this.#handshake;
      if (have.length >= 4 && have.length >= 4 + unbig(have.subarray(1, 4))) {
        const end = 4 + unbig(have.subarray(1, 4)), message = have.slice(0, end);
        this.#handshake = have.slice(end);
        tls(message[0] === type, `message ${message[0]} in place of ${type}`);
        return { message, body: new Reader(message.subarray(4)) };
      }
      const record = await this.#record();
      tls(record.type === 22, 'no handshake');
      this.#handshake = concat(have, record.data);
    }
  }
  #note(message) { this.transcript = concat(this.transcript, message); return message; }
  #write(message) {
    this.#note(message);
    this.socket.write(this.writing ? this.writing.seal(22, message) : concat(unhex('160301'), vec(2, message)));
  }
  #keys(shared, hello) {
    const early = extract(sha256, ZERO, ZERO);
    this.handshakeSecret = extract(sha256, shared, derive(early, 'derived', NONE));
    this.traffic = { client: derive(this.handshakeSecret, 'c hs traffic', hello), server: derive(this.handshakeSecret, 's hs traffic', hello) };
    this.#protect();
  }
  #application() {
    const master = extract(sha256, ZERO, derive(this.handshakeSecret, 'derived', NONE));
    return { client: derive(master, 'c ap traffic', this.transcript), server: derive(master, 's ap traffic', this.transcript) };
  }
  #protect() {
    tls(this.#handshake.length === 0, 'a message across a change of keys'); // §5.1
    this.writing = new Protection(this.traffic[this.role]);
    this.reading = new Protection(this.traffic[this.other]);
  }
  get other() { return this.role === 'client' ? 'server' : 'client'; }
  #finishedOf(who) { return hmac(sha256, expandLabel(this.traffic[who], 'finished', NONE, 32), sha256(this.transcript)); }
  #verifyOf(who) { return concat(new Uint8Array(64).fill(0x20), `TLS 1.3, ${who} CertificateVerify\0`, sha256(this.transcript)); }
  #handshakeOf(type, ...body) { return concat(Uint8Array.of(type), vec(3, ...body)); }
  #authenticate(context) {
    this.#write(this.#handshakeOf(CERTIFICATE, vec(1, context), vec(3, vec(3, makeCertificate(this.seed)), vec(2))));
    this.#write(this.#handshakeOf(VERIFY, unhex(ED25519), vec(2, signBytes(this.#verifyOf(this.role), this.seed))));
    this.#write(this.#handshakeOf(FINISHED, this.#finishedOf(this.role)));
  }
  /** The other side's certificate, of which "only the key is looked at […] and there MUST be exactly one". */
  async #authenticated() {
    const certificate = await this.#message(CERTIFICATE);
    certificate.body.vec(1);
    const list = new Reader(certificate.body.vec(3)), key = keyOfCertificate(list.vec(3));
    list.vec(2);
    tls(list.done, 'more than one certificate');
    tls(this.accepts(key), `hop key ${hex(key).slice(0, 16)} is not expected`);
    this.#note(certificate.message);
    const { message, body } = await this.#message(VERIFY);
    tls(hex(body.take(2)) === ED25519 && verifyBytes(body.vec(2), this.#verifyOf(this.other), key), 'the hop key was not proved');
    this.#note(message);
    const finished = await this.#message(FINISHED);
    tls(equal(finished.body.take(32), this.#finishedOf(this.other)), 'finished');
    this.#note(finished.message);
    this.peerKey = key;
  }
  get #alpnExtension() { return ext(EXT.alpn, vec(2, vec(1, this.alpn))); }

  async connect() {
    const { publicKey, secretKey } = ml_kem768.keygen(), x = new Uint8Array(randomBytes(32));
    this.#write(this.#handshakeOf(HELLO.client, unhex('0303'), randomBytes(32), vec(1), vec(2, unhex(SUITE)), vec(1, Uint8Array.of(0)),
      vec(2, ext(EXT.versions, vec(1, unhex('0304'))), ext(EXT.groups, vec(2, unhex(GROUP))), ext(EXT.algorithms, vec(2, unhex(ED25519))), this.#alpnExtension,
        ext(EXT.share, vec(2, unhex(GROUP), vec(2, publicKey, x25519.getPublicKey(x)))))));
    const { message, body } = await this.#message(HELLO.server);
    body.take(34);
    body.vec(1);
    tls(hex(body.take(3)) === SUITE + '00', 'cipher suite');
    const extensions = body.extensions(), share = new Reader(extensions.get(EXT.share) ?? NONE);
    tls(hex(extensions.get(EXT.versions) ?? NONE) === '0304' && hex(share.take(2)) === GROUP, 'version or group');
    const theirs = share.vec(2);
    this.#note(message);
    this.#keys(concat(ml_kem768.decapsulate(theirs.subarray(0, 1088), secretKey), x25519.getSharedSecret(x, theirs.subarray(1088))), this.transcript);
    const encrypted = await this.#message(ENCRYPTED_EXTENSIONS);
    tls(equal(encrypted.body.extensions().get(EXT.alpn) ?? NONE, vec(2, vec(1, this.alpn))), 'alpn');
    this.#note(encrypted.message);
    const request = await this.#message(REQUEST);
    this.#note(request.message);
    await this.#authenticated();
    const application = this.#application();
    this.#authenticate(request.body.vec(1));
    this.traffic = application;
    this.#protect();
  }
  async accept() {
    const { message, body } = await this.#message(HELLO.client);
    body.take(34);
    const session = body.vec(1), suites = hex(body.vec(2));
    body.vec(1);
    const extensions = body.extensions(), shares = new Reader(new Reader(extensions.get(EXT.share) ?? NONE).vec(2));
    let theirs;
    while (!shares.done) { const group = hex(shares.take(2)), share = shares.vec(2); if (group === GROUP) theirs = share; }
    tls(theirs && suites.match(/..../g).includes(SUITE) && hex(extensions.get(EXT.versions) ?? NONE).includes('0304'), 'what the other side offers');
    tls(hex(extensions.get(EXT.alpn) ?? NONE).includes(hex(vec(1, this.alpn))), 'alpn');
    this.#note(message);
    const x = new Uint8Array(randomBytes(32)), { cipherText, sharedSecret } = ml_kem768.encapsulate(theirs.subarray(0, 1184));
    this.#write(this.#handshakeOf(HELLO.server, unhex('0303'), randomBytes(32), vec(1, session), unhex(SUITE), Uint8Array.of(0),
      vec(2, ext(EXT.versions, unhex('0304')), ext(EXT.share, unhex(GROUP), vec(2, cipherText, x25519.getPublicKey(x))))));
    this.#keys(concat(sharedSecret, x25519.getSharedSecret(x, theirs.subarray(1184))), this.transcript);
    this.#write(this.#handshakeOf(ENCRYPTED_EXTENSIONS, vec(2, this.#alpnExtension)));
    this.#write(this.#handshakeOf(REQUEST, vec(1), vec(2, ext(EXT.algorithms, vec(2, unhex(ED25519))))));
    this.#authenticate(NONE);
    const application = this.#application();
    await this.#authenticated();
    this.traffic = application;
    this.#protect();
  }

  send(bytes) {
    for (let at = 0; at < bytes.length; at += 16384) this.socket.write(this.writing.seal(23, bytes.subarray(at, at + 16384)));
  }
  async read(n) {
    while (this.#plain.length < n) {
      const record = await this.#record();
      if (record.type === 23) this.#plain = concat(this.#plain, record.data);
      else if (record.type === 22 && record.data[0] === KEY_UPDATE) this.#updated(record.data[4]);
      else tls(record.type === 22 && record.data[0] === TICKET, `record of type ${record.type}`);
    }
    const out = this.#plain.slice(0, n);
    this.#plain = this.#plain.slice(n);
    return out;
  }
  #updated(requested) {
    this.reading.update();
    if (requested !== 1) return;
    this.socket.write(this.writing.seal(22, this.#handshakeOf(KEY_UPDATE, Uint8Array.of(0))));
    this.writing.update();
  }
  end() {
    if (this.writing && !this.socket.destroyed) this.socket.write(this.writing.seal(21, Uint8Array.of(1, 0)));
    this.socket.end();
    this.socket.destroySoon?.();
  }
}
