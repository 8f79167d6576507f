// ENVELOPE §1, §2, §4: prekeys and epochs, and how they end. Secrets are files of the store; all else is in its journal.
import { equal, hex, sha } from './bytes.mjs';
import { acceptOpening, newPrekeySeed, openEpoch, prekeyOf } from './seal.mjs';
import { signStatement } from './statements.mjs';

const BATCH = 8, FEW = 5, EPOCH_AGE = 3600000, EPOCH_ENTRIES = 10000, CARRIER_TIME = 72 * 3600000, REPEAT_CLOSED = 5;

/** Prekeys of a party's own: made, and their seeds kept, before anybody is told of them. */
export function makePrekeys(store, commit) {
  const make = () => {
    const seed = newPrekeySeed(), prekey = prekeyOf(seed);
    store.keep(`prekey-${hex(sha(prekey))}`, seed);
    return prekey;
  };
  const batch = { t: 'own-prekeys', prekeys: Array.from({ length: BATCH }, make), lastResort: make(), time: Date.now() };
  commit(batch);
  return batch;
}

export class Epochs {
  constructor({ store, commit, line, me, peer, stationSeed, stationKey, card, pouchWindow }) {
    Object.assign(this, { store, commit, line, me, peer, stationSeed, stationKey, pouchWindow });
    this.out = []; // the newest last
    this.in = new Map(); // id → { at, later }: when it was accepted, and when a later one was
    this.closed = new Set();
    this.own = { prekeys: [], unused: new Set(), older: [] };
    // The card says no time: any batch is later than it.
    this.theirs = { prekeys: card.prekeys, lastResort: card.lastResort, time: -1 };
    this.used = new Set();
    this.closings = [];
  }
  apply(r) {
    const id = r.id && hex(r.id);
    if (r.t === 'own-prekeys') {
      if (this.own.lastResort) this.own.older.push({ ...this.own, replaced: r.time });
      this.own = { ...r, first: !this.own.lastResort, unused: new Set(r.prekeys.map((p) => hex(sha(p)))), older: this.own.older };
    } else if (r.t === 'prekeys' && r.time > this.theirs.time) this.theirs = r;
    else if (r.t === 'opened') {
      this.out.push({ id: r.id, opening: r.opening, since: r.time, entries: 0, held: false, carriedAt: 0, below: r.size });
      this.used.add(hex(r.prekey));
    } else if (r.t === 'held') Object.assign(this.byId(r.id) ?? {}, { held: true });
    else if (r.t === 'carried') Object.assign(this.byId(r.id) ?? {}, { carriedAt: r.time });
    else if (r.t === 'accepted') {
      for (const e of this.in.values()) e.later ??= r.time;
      this.in.set(id, { at: r.time });
      this.own.unused.delete(hex(r.prekey));
      if ([...this.own.prekeys, this.own.lastResort].some((p) => equal(sha(p), r.prekey))) this.own.openedTo = true;
    } else if (r.t === 'closed-in') {
      this.in.delete(id);
      this.closed.add(id);
    } else if (r.t === 'closed-out') this.out = this.out.filter((e) => !equal(e.id, r.id));
  }
  byId(id) { return this.out.find((e) => equal(e.id, id)); }
  get current() { return this.out.at(-1); }
  secretOf(epoch) { return (epoch.secret ??= this.store.secret(`epoch-out-${hex(epoch.id)}`)); }

  /** "MUST NOT use one of key 3 twice; when they are used up, it uses the last resort". */
  open(size) {
    const prekey = this.theirs.prekeys.find((p) => !this.used.has(hex(sha(p)))) ?? this.theirs.lastResort;
    const epoch = openEpoch({ line: this.line, from: this.me, to: this.peer, prekey, stationSeed: this.stationSeed });
    this.store.keep(`epoch-out-${hex(epoch.id)}`, epoch.secret);
    this.commit({ t: 'opened', id: epoch.id, opening: epoch.opening, prekey: sha(prekey), size, time: Date.now() });
    return this.current;
  }
  /** The epoch for what is sent now. */
  use(size) {
    const e = this.current;
    if (!e || !this.secretOf(e) || Date.now() - e.since > EPOCH_AGE || e.entries >= EPOCH_ENTRIES) return this.open(size);
    return e;
  }
  hold(epoch) { if (epoch && !epoch.held) this.commit({ t: 'held', id: epoch.id }); }

  /** The secret under which a frame of the peer opens, or undefined; `opened` is called once the frame did open. */
  secretFor(frame) {
    const id = hex(frame.epoch);
    if (this.in.has(id)) return { secret: this.store.secret(`epoch-in-${id}`), opened: () => {} };
    if (frame.opening.length === 0) return undefined;
    const accepted = acceptOpening(frame.opening, { line: this.line, peer: this.peer, me: this.me, stationKey: this.stationKey,
      seedOf: (hash) => this.store.secret(`prekey-${hex(hash)}`) });
    if (!equal(accepted.id, frame.epoch)) return undefined;
    return { secret: accepted.secret, opened: () => this.#accepted(accepted), fresh: true };
  }
  /** "It stores the epoch durably before it destroys the prekey, and before it answers anything that came under it." */
  #accepted({ id, secret, prekey }) {
    this.store.keep(`epoch-in-${hex(id)}`, secret);
    this.commit({ t: 'accepted', id, prekey, time: Date.now() });
    this.store.sync();
    const lastResorts = [this.own, ...this.own.older].map((b) => sha(b.lastResort));
    if (!lastResorts.some((h) => equal(h, prekey))) this.store.destroy(`prekey-${hex(prekey)}`);
  }
  closedByPeer(id) {
    if (!this.in.has(hex(id))) return false;
    this.commit({ t: 'closed-in', id });
    this.store.sync();
    this.store.destroy(`epoch-in-${hex(id)}`);
    return true;
  }
  /** New prekeys when few are left. */
  renew() {
    if (this.own.unused.size > FEW) return false;
    makePrekeys(this.store, this.commit);
    return true;
  }
  /** The newest batch, once there is one later than that of the card. Every batch is of prekeys that were never offered before, and
   *  its statement is always the same bytes: a peer that took it for another batch might use a prekey again. */
  get statement() {
    const { prekeys, lastResort, time, first } = this.own;
    return first ? [] : [signStatement('prekeys', { line: this.line, party: this.me, prekeys, lastResort, time }, this.stationSeed)];
  }
  /** An entry above `below` of the next epoch's record was never sent under this one. "When everything sent under the old one is receipted it destroys its secret and says so". */
  closeOld(receiptedTo) {
    this.out.slice(0, -1).map((e, i) => [e, this.out[i + 1].below]).forEach(([e, last]) => {
      if (!receiptedTo(last) || (e.carriedAt > 0 && Date.now() - e.carriedAt < CARRIER_TIME)) return;
      this.commit({ t: 'closed-out', id: e.id });
      this.store.sync();
      this.store.destroy(`epoch-out-${hex(e.id)}`);
      this.closings.push({ left: REPEAT_CLOSED, bytes: signStatement('closed', { line: this.line, party: this.me, epoch: e.id, time: Date.now() }, this.stationSeed) });
    });
    // "It keeps the others, and the last resort, until an epoch was opened to a later prekey *and* the pouch window […] has passed".
    for (const o of this.own.openedTo ? this.own.older.splice(0) : []) {
      if (Date.now() - o.time > this.pouchWindow) [...o.prekeys, o.lastResort].forEach((p) => this.store.destroy(`prekey-${hex(sha(p))}`));
      else this.own.older.push(o);
    }
    // What the peer opened: all but the latest end when the pouch window has passed since a later one was accepted.
    for (const [id, e] of this.in) if (e.later && Date.now() - e.later > this.pouchWindow) this.closedByPeer(Buffer.from(id, 'hex'));
  }
  takeClosings() {
    const out = this.closings.map((c) => (c.left--, c.bytes));
    this.closings = this.closings.filter((c) => c.left > 0);
    return out;
  }
}
