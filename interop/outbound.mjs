// The log of one's own: MESSAGE §5, FLOW §3 "in the direction from A to B", RECEIPT §2 to §4 as the sender takes them.
import { equal, hex, must, refuse } from './bytes.mjs';
import { Belief, writeContent } from './content.mjs';
import { sign } from './cose.mjs';
import { leafHash, readEntry, writeEntry } from './entry.mjs';
import { readCosigned, signCheckpoint } from './notes.mjs';
import { openStatement } from './statements.mjs';
import { Tree } from './tree.mjs';

const FLASH = 1, IMMEDIATE = 2, LATE = 2000, LATE_CARRIED = 3600000, LATE_REPORTED = 30000;

export class Outbound {
  constructor({ commit, roster, me, mine, theirs, seeds }) {
    Object.assign(this, { commit, roster, me, mine, theirs, seeds, entries: [], tree: new Tree(), roots: [], cosigned: undefined, halted: undefined });
    this.belief = new Belief(roster, me.party);
    this.roots.push(this.tree.root());
    this.receipts = new Map();
    this.refusals = new Map();
    this.holdUntil = 0;
  }
  get size() { return this.entries.length; }
  apply(r) {
    if (r.t === 'out') {
      const content = r.unbelieved ? this.belief.peek(readEntry(r.entry).signed) : this.belief.judge(readEntry(r.entry).signed, this.size + 1);
      this.tree.add(leafHash(r.entry));
      this.roots.push(this.tree.root());
      this.entries.push({ n: this.size + 1, bytes: r.entry, leaf: leafHash(r.entry), content, receipted: false, reported: false, sent: new Map() });
    } else if (r.t === 'cosigned-out') {
      this.cosigned = { size: r.size, bytes: r.note };
      for (const e of this.entries.slice(0, r.size)) e.receipted = true;
    } else if (r.t === 'receipt-of') {
      this.receipts.set(r.n, r.bytes);
      this.entries[r.n - 1].receipted = true;
    } else if (r.t === 'refusal-of') this.refusals.set(r.n, { bytes: r.bytes, reason: r.reason });
    else if (r.t === 'halted') this.halted = r.why;
  }
  /** Steps 1 and 2 of FLOW §2. The caller makes it durable before it sends anything. `unbelieved` is for tests: it leaves
   *  out "the sender's station applies the same rules", so that the other station has something to refuse. */
  release({ unbelieved, ...content }, officerSeeds, seen) {
    must(!this.halted, 'halted', this.halted);
    const signed = sign(writeContent(content), officerSeeds), n = this.size + 1;
    const entry = writeEntry({ log: this.me.log, number: n, previous: n === 1 ? new Uint8Array(32) : this.entries[n - 2].leaf,
      seen: seen > 0 ? [[this.theirs.log, seen]] : undefined, time: Date.now(), signed });
    this.commit({ t: 'out', entry, unbelieved }); // apply() judges it, and throws before anything is kept
    return n;
  }
  checkpoint() {
    return signCheckpoint({ line: this.roster.lineId, log: this.me.log, size: this.size, root: this.roots[this.size] }, this.seeds.logKey);
  }
  get waiting() { return this.entries.filter((e) => !e.receipted); }
  receiptedTo(n) { return this.entries.slice(0, n).every((e) => e.receipted); }

  /** What is to go over this channel now, the highest precedence first. */
  due(channel, { now, best, interactiveUp }) {
    const late = channel.carried ? LATE_CARRIED : LATE;
    return this.waiting.filter((e) => {
      const urgent = e.content.precedence <= IMMEDIATE, at = e.sent.get(channel.name);
      if (e.content.precedence !== FLASH && now < this.holdUntil) return false;
      if (at !== undefined && now - at < (e.reported ? LATE_REPORTED : late)) return false;
      if (channel.carried) return urgent || !interactiveUp;
      return urgent || channel === best || [...e.sent.values()].some((t) => now - t >= LATE);
    }).sort((a, b) => a.content.precedence - b.content.precedence || a.n - b.n);
  }

  get #whose() { return { line: this.roster.lineId, log: this.me.log, logKey: this.me.logKey, party: this.theirs.party, receiptKey: this.theirs.receipt }; }
  takeCosigned(bytes) {
    const note = readCosigned(bytes, this.#whose);
    if (note.size > this.size || !equal(note.root, this.roots[note.size])) {
      // FLOW §5: "shown a checkpoint that its own log key signed and that its log does not have"
      this.commit({ t: 'halted', why: `a checkpoint of size ${note.size} that this log does not have` });
      refuse('halted', this.halted);
    }
    if (note.size <= (this.cosigned?.size ?? 0)) return false;
    this.commit({ t: 'cosigned-out', size: note.size, note: bytes });
    return true;
  }
  #about(format, bytes, key) {
    const s = openStatement(format, bytes, key);
    must(equal(s.log, this.me.log), 'log', 'of another log');
    must(s.number <= this.size && equal(s.leaf, this.entries[s.number - 1].leaf), 'statement', `about another leaf than ${s.number} ${hex(s.leaf)}`);
    return s;
  }
  takeReceipt(bytes) {
    const s = this.#about('receipt', bytes, this.theirs.receipt);
    if (this.receipts.has(s.number)) return false;
    this.commit({ t: 'receipt-of', n: s.number, bytes });
    return true;
  }
  takeRefusal(bytes) {
    const s = this.#about('refusal', bytes, this.theirs.station);
    if (this.refusals.has(s.number)) return false;
    this.commit({ t: 'refusal-of', n: s.number, bytes, reason: s.reason });
    return true;
  }
  /** A report "is no evidence, and MUST NOT end the repetition of an entry for good". Gives what is missing below what is held. */
  takeReport(r, now) {
    must(equal(r.log, this.me.log), 'log', 'of another log');
    if (r.size > this.size) return;
    const top = r.ahead?.at(-1)[1] ?? r.size;
    for (const e of this.entries) {
      e.reported = e.n <= r.size || Boolean(r.ahead?.some(([from, to]) => e.n >= from && e.n <= to));
      if (!e.reported && e.n < top && !e.receipted && [...e.sent.values()].every((t) => now - t > 100)) e.sent.clear();
    }
    if (r.wait === undefined && this.holdUntil > 0) this.entries.forEach((e) => !e.receipted && e.sent.clear());
    this.holdUntil = r.wait === undefined ? 0 : now + 1000 * Math.min(r.wait, 60);
  }
}
