// The log of the peer: MESSAGE §5 and §6, RECEIPT §7, CHANGE §4.
import { Refused, equal, must } from './bytes.mjs';
import { Belief } from './content.mjs';
import { leafHash, readEntry, readHeader, widen } from './entry.mjs';
import { cosign, readCheckpoint } from './notes.mjs';
import { REASONS, signStatement } from './statements.mjs';
import { Tree } from './tree.mjs';

const FLASH = 1, MAX_AHEAD = 2048;

export class Inbound {
  /** `present(n, verdict)` shows people what is believed, or taken back. */
  constructor({ commit, roster, me, theirs, seeds, present }) {
    Object.assign(this, { commit, roster, me, theirs, seeds, present, held: new Map(), size: 0, tree: new Tree(), cosigned: undefined, fork: undefined });
    this.belief = new Belief(roster, theirs.party);
    this.verdicts = new Map();
    this.receipts = new Map();
    this.refusals = new Map();
    this.told = 0; // of them, by the peer's last report
    this.roots = [this.tree.root()];
    this.kept = []; // checkpoints of more than is held: the lowest and the newest
  }
  apply(r) {
    if (r.t === 'in') {
      this.held.set(r.n, { bytes: r.entry, leaf: leafHash(r.entry), at: r.at });
      if (r.n !== this.size + 1) this.#judge(r.n, true);
      for (; this.held.has(this.size + 1) && !this.stopped; this.size++) this.#place(this.size + 1);
    } else if (r.t === 'cosigned-in') this.cosigned = { size: r.size, bytes: r.note };
    else if (r.t === 'receipt') this.receipts.set(r.n, r.bytes);
    else if (r.t === 'refusal') this.refusals.set(r.n, r.bytes);
    else if (r.t === 'fork') this.fork = r.why;
  }
  #place(n) {
    const { bytes, leaf } = this.held.get(n), { previous } = readHeader(bytes);
    if (n > 1 && !equal(previous, this.held.get(n - 1).leaf)) { this.stopped = n; return; }
    this.tree.add(leaf);
    this.roots.push(this.tree.root());
    this.#judge(n, false);
  }
  /** Verdicts follow from the journal's order, so they are the same after a restart. */
  #judge(n, ahead) {
    const before = this.verdicts.get(n);
    let verdict;
    try {
      verdict = { believed: true, content: this.belief.judge(readEntry(this.held.get(n).bytes).signed, n, { ahead }) };
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      if (ahead) return; // "MUST judge what has no verdict when the entry's place is reached"
      const reason = REASONS.indexOf(e.reason === 'key' ? 'malformed' : e.reason);
      verdict = { believed: false, reason, message: e.message };
    }
    this.verdicts.set(n, { ...verdict, ahead });
    if (before?.believed !== verdict.believed) this.present(n, verdict);
  }
  previousOf(n) { return n === 1 ? new Uint8Array(32) : this.held.get(n - 1)?.leaf; }
  takeNarrow(bytes) {
    const n = bytes[1] < 24 ? bytes[1] : Number(BigInt('0x' + Buffer.from(bytes.subarray(2, 2 + 2 ** (bytes[1] - 24))).toString('hex')));
    const previous = this.previousOf(n);
    must(previous, 'form', 'the previous leaf is not held yet');
    return this.take(widen(bytes, { line: this.roster.lineId, log: this.theirs.log, peerLog: this.me.log, previous }));
  }
  /** Stores an entry; gives { n, fresh }. What does not fit the log is a fork or damage, and is not stored. */
  take(bytes) {
    const h = readHeader(bytes), n = h.number, held = this.held.get(n);
    must(equal(h.log, this.theirs.log), 'log', 'an entry of another log');
    if (held) {
      if (!equal(held.bytes, bytes)) this.#forked(`two entries ${n}`);
      return { n, fresh: false };
    }
    const previous = this.previousOf(n), after = this.held.get(n + 1);
    if (previous && !equal(previous, h.previous)) this.#forked(`entry ${n} does not follow entry ${n - 1}`);
    if (after && !equal(readHeader(after.bytes).previous, leafHash(bytes))) this.#forked(`entry ${n + 1} does not follow entry ${n}`);
    must(n <= this.size + 1 || this.held.size - this.size < MAX_AHEAD, 'limit', 'too many ahead of the gap');
    const at = Date.now();
    this.commit({ t: 'in', n, entry: bytes, at });
    return { n, fresh: true };
  }
  #forked(why) {
    if (!this.fork) this.commit({ t: 'fork', why });
    must(false, 'fork', why);
  }
  /** RECEIPT §3 and §4: what is due for an entry that is held. Called when the entry is durable. */
  receiptFor(n) {
    const { leaf, at } = this.held.get(n), verdict = this.verdicts.get(n);
    const due = n > this.size || this.fork || (verdict?.believed && verdict.content.precedence === FLASH);
    if (due && !this.receipts.has(n)) {
      const bytes = signStatement('receipt', { log: this.theirs.log, number: n, leaf, time: at, size: this.size }, this.seeds.receipt);
      this.commit({ t: 'receipt', n, bytes });
    }
    return this.receipts.get(n);
  }
  refuseWhatIsNotBelieved() {
    for (const [n, v] of this.verdicts) {
      if (v.believed || this.refusals.has(n)) continue;
      const { leaf } = this.held.get(n);
      this.commit({ t: 'refusal', n, bytes: signStatement('refusal', { log: this.theirs.log, number: n, leaf, reason: v.reason, time: Date.now() }, this.seeds.station) });
    }
  }
  /** "in the order in which it made them, at most 64 in a bundle, further ones when a report counts those before": RECEIPT §4. */
  nextRefusals() { return [...this.refusals.values()].slice(this.told, this.told + 64); }
  /** "the cosignature, if exactly that much is held; if more is asked, the lowest […] is kept for later, and so is the newest" */
  takeCheckpoint(bytes) {
    const note = readCheckpoint(bytes, { line: this.roster.lineId, log: this.theirs.log, logKey: this.theirs.logKey });
    if (note.size > this.size) {
      const all = [...this.kept, note].sort((a, b) => a.size - b.size);
      this.kept = all.length > 2 ? [all[0], all.at(-1)] : all;
    } else if (!equal(note.root, this.roots[note.size])) this.#forked(`a checkpoint of size ${note.size} with another root`);
    else if (note.size === this.size) this.#cosign(note);
  }
  #cosign(note) {
    if (this.fork || note.size <= (this.cosigned?.size ?? 0)) return;
    const signed = cosign(note.bytes, { line: this.roster.lineId, party: this.me.party, seconds: Math.floor(Date.now() / 1000) }, this.seeds.receipt);
    this.commit({ t: 'cosigned-in', size: note.size, note: signed });
  }
  cosignKept() {
    const fits = this.kept.filter((k) => k.size === this.size);
    this.kept = this.kept.filter((k) => k.size > this.size);
    fits.forEach((k) => this.takeCheckpoint(k.bytes));
  }
  report(refusals, cosigned) {
    const beyond = [...this.held.keys()].filter((n) => n > this.size).sort((a, b) => a - b), ahead = [];
    for (const n of beyond) if (ahead.at(-1)?.[1] === n - 1) ahead.at(-1)[1] = n; else ahead.push([n, n]);
    return { log: this.theirs.log, size: this.size, ahead: ahead.length > 0 ? ahead.slice(0, 64) : undefined, refusals: refusals || undefined, cosigned: cosigned || undefined };
  }
}
