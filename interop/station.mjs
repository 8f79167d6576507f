// FLOW §2 and §3: the exchange of one line, in both directions, over its channels.
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { Refused, equal, hex, must } from './bytes.mjs';
import { PouchChannel, TcpChannel } from './channels.mjs';
import { Checks } from './checks.mjs';
import { CHANGE } from './content.mjs';
import { publicOf } from './cose.mjs';
import { narrow } from './entry.mjs';
import { Epochs } from './epochs.mjs';
import { PART, readBundle, readFrame, tagOf, writeBundle, writeFrame } from './frame.mjs';
import { Inbound } from './inbound.mjs';
import { Outbound } from './outbound.mjs';
import { readCosigned } from './notes.mjs';
import { checkPrekey, peerOf, sideOf } from './roster.mjs';
import { NARROW, WIDE, openBundle, sealBundle } from './seal.mjs';
import { openStatement, readAs, report, unknown, writeAs } from './statements.mjs';
import { writeTranscript } from './transcript.mjs';

const TICK = 100, BUDGET = 48000, SAME_AGAIN_A_SECOND = 5, UNKNOWN_EVERY = 1000;

export class Station extends EventEmitter {
  /** seeds: { logKey, station, receipt, hop } and officers; peerCard: the card that brought the first prekeys. */
  constructor({ home, store, roster, party, seeds, peerCard }) {
    super();
    this.setMaxListeners(0);
    const me = sideOf(roster, party), theirs = peerOf(roster, party), commit = (r) => this.#commit(r);
    Object.assign(this, { home, store, roster, me, theirs, seeds, line: roster.lineId, news: [], counts: {}, channels: [] });
    this.tags = { mine: tagOf(this.line, me.party), theirs: tagOf(this.line, theirs.party) };
    const present = (n, verdict) => this.news.push(['message', { n, ...verdict }]);
    this.outbound = new Outbound({ commit, roster, me, theirs, seeds });
    this.inbound = new Inbound({ commit, roster, me, theirs, seeds, present });
    this.epochs = new Epochs({ store, commit, line: this.line, me: me.party, peer: theirs.party, stationSeed: seeds.station,
      stationKey: theirs.station, card: peerCard, pouchWindow: roster.terms.pouchWindow });
    for (const r of store.records) this.#apply(r);
    this.news = [];
  }
  #apply(r) {
    this.outbound.apply(r);
    this.inbound.apply(r);
    this.epochs.apply(r);
  }
  /** Applied at once, durable with the next settle(), which comes before anything is sent or shown. */
  #commit(r) {
    this.#apply(r);
    this.store.append(r);
  }
  #settle() {
    this.store.sync();
    for (const [name, value] of this.news.splice(0)) {
      if (name === 'message' && value.content?.kind === CHANGE) this.channels.forEach((c) => c.recheck?.());
      this.emit(name, value);
    }
    this.emit('change');
  }
  #count(what) { this.counts[what] = (this.counts[what] ?? 0) + 1; }

  start() {
    const { terms } = this.roster;
    const hop = { seed: () => this.seeds.hop, accepts: (key) => this.#knowsHop(key) };
    for (const c of terms.channels) {
      if (c.kind !== 'tcp' && c.kind !== 'pouch') continue;
      const channel = c.kind === 'tcp' ? new TcpChannel(c, { me: this.me.party, hop })
        : new PouchChannel(c, { out: join(this.home, 'pouch', 'out'), into: join(this.home, 'pouch', 'in') });
      channel.checks = new Checks({ channel, line: this.line, me: this.me.party, peer: this.theirs.party, checkEvery: terms.checkEvery, stationSeed: this.seeds.station });
      Object.assign(channel, { enabled: true, again: [], unknownAt: 0 });
      if (channel.carried) channel.checks.last = Math.max(...this.epochs.out.map((e) => e.carriedAt), 0);
      channel.on('frame', (frame) => channel.enabled && this.#takeFrame(channel, frame));
      channel.on('up', () => this.#up(channel));
      channel.on('down', () => this.emit('change'));
      channel.on('trouble', () => this.emit('change'));
      this.channels.push(channel);
    }
    this.timer = setInterval(() => this.#pump(), TICK);
  }
  stop() {
    clearInterval(this.timer);
    this.channels.forEach((c) => c.close());
    this.store.close();
  }
  /** CHANGE §6: "takes from the peer every hop key that the peer ever had, […] except those […] compromised". */
  #knowsHop(key) {
    const { side, ended } = this.inbound.belief;
    return equal(key, side.hop) || ended.some((e) => e.role === 'hop' && e.since === undefined && equal(e.key, key));
  }

  // Out

  say(content, officerSeeds) {
    const n = this.outbound.release({ line: this.line, ...content }, officerSeeds, this.inbound.size);
    this.#settle();
    this.#pump();
    return n;
  }
  /** FLOW §3: "when a channel comes back, each side tells its state". */
  #up(channel) {
    channel.checks.up(Date.now());
    this.epochs.renew();
    this.#settle();
    this.#send(channel, [...this.#state(), ...this.#prekeys()]);
    this.outbound.waiting.forEach((e) => e.sent.delete(channel.name));
    this.emit('change');
    this.#pump();
  }
  #report() {
    const { refusals, cosigned } = this.outbound;
    return [PART.report, writeAs(report, this.inbound.report(refusals.size, cosigned?.size))];
  }
  #prekeys() { return this.epochs.statement.map((bytes) => [PART.prekeys, bytes]); }
  #cosignature() { return this.inbound.cosigned ? [[PART.cosigned, this.inbound.cosigned.bytes]] : []; }
  #state() {
    const behind = this.outbound.size > (this.outbound.cosigned?.size ?? 0) && !this.outbound.halted;
    return [this.#report(), ...this.#cosignature(), ...(behind ? [[PART.checkpoint, this.outbound.checkpoint()]] : [])];
  }
  get #ready() { return this.channels.filter((c) => c.up && c.enabled); }
  get #best() {
    const interactive = this.#ready.filter((c) => !c.carried);
    return interactive.find((c) => c.checks.proved) ?? interactive[0];
  }
  #pump() {
    const now = Date.now(), best = this.#best;
    for (const channel of this.#ready) {
      const question = channel.checks.due(now, this.epochs.use(this.outbound.size).id);
      if (question) this.#send(channel, [[PART.check, question], this.#report()]); // so what a report lacks comes in the end
      if (channel.owed?.state || channel.owed?.refusals) this.#answer(channel, { entries: [], again: [], parts: [] });
      const due = this.outbound.due(channel, { now, best, interactiveUp: Boolean(best) });
      for (let i = 0; i < due.length;) {
        const some = [];
        for (let size = 0; i < due.length && (some.length === 0 || (size + due[i].bytes.length < BUDGET && some.length < 400)); i++) {
          some.push(due[i]);
          size += due[i].bytes.length;
        }
        this.#send(channel, [...some.sort((a, b) => a.n - b.n).map((e) => this.#entryPart(channel, e)), ...this.#state()]);
        for (const e of some) e.sent.set(channel.name, now);
      }
    }
    this.epochs.closeOld((n) => this.outbound.receiptedTo(n));
    this.#settle();
  }
  #entryPart(channel, e) {
    const from = { line: this.line, log: this.me.log, peerLog: this.theirs.log, previous: e.n === 1 ? new Uint8Array(32) : this.outbound.entries[e.n - 2].leaf };
    const short = channel.narrow && narrow(e.bytes, from);
    return short ? [PART.narrow, short] : [PART.entry, e.bytes];
  }
  #send(channel, parts, withOpening = false) {
    const epoch = this.epochs.use(this.outbound.size), form = channel.narrow ? NARROW : WIDE;
    if (channel.carried && parts.some(([type]) => type === PART.check)) this.#commit({ t: 'carried', id: epoch.id, time: Date.now() });
    epoch.entries += parts.filter(([type]) => type === PART.entry || type === PART.narrow).length;
    const all = [...parts, ...this.epochs.takeClosings().map((b) => [PART.closed, b])];
    const sealed = sealBundle(writeBundle(all), { tag: this.tags.mine, form, epoch: { id: epoch.id, secret: this.epochs.secretOf(epoch) } });
    this.store.sync();
    channel.send(writeFrame({ ...sealed, opening: epoch.held && !withOpening ? undefined : epoch.opening }));
  }
  /** For tests: says what a station of good faith does not. */
  tell(parts) {
    this.#send(this.#best, parts);
  }
  /** Another epoch, now; the old one is closed when everything sent under it is receipted. */
  rotate() {
    this.epochs.open(this.outbound.size);
    this.#settle();
  }

  // In

  #takeFrame(channel, data) {
    let frame, bundle;
    try {
      frame = readFrame(data);
      must(equal(frame.tag, this.tags.theirs), 'tag', 'of no peer');
      if (this.epochs.closed.has(hex(frame.epoch))) return void this.#count('closed epoch'); // "not answered"
      const found = this.epochs.secretFor(frame);
      if (!found) return this.#unknown(channel, frame.epoch);
      bundle = readBundle(openBundle(frame, found.secret));
      found.opened();
      if (found.fresh && this.epochs.renew()) this.#send(channel, this.#prekeys());
    } catch (e) {
      if (!(e instanceof Refused)) throw e;
      if (e.reason === 'prekey') return this.#unknown(channel, frame.epoch);
      return void this.#count(e.reason);
    }
    channel.heard = Date.now();
    this.#takeBundle(channel, bundle);
  }
  /** ENVELOPE §4: "at most once a second on a channel", with the opening of one's own epoch. */
  #unknown(channel, id) {
    this.#count('unknown epoch');
    if (Date.now() - channel.unknownAt < UNKNOWN_EVERY) return;
    channel.unknownAt = Date.now();
    this.#send(channel, [[PART.unknown, writeAs(unknown, { epochs: [id] })]], true);
  }
  #takeBundle(channel, parts) {
    const answer = { entries: [], again: [], parts: [] };
    for (const [type, bytes] of parts) {
      try { this.#takePart(channel, type, bytes, answer); } catch (e) {
        // "one that is refused MUST NOT stop the others"
        if (!(e instanceof Refused)) throw e;
        this.#count(`${type} ${e.reason}`);
        this.news.push(['refused', { type, reason: e.reason, message: e.message }]);
      }
    }
    this.inbound.cosignKept();
    this.inbound.refuseWhatIsNotBelieved();
    this.#answer(channel, answer);
    this.#settle();
    this.#pump();
  }
  #takePart(channel, type, bytes, answer) {
    const { outbound, inbound, epochs, theirs } = this;
    if (type === PART.entry || type === PART.narrow) {
      const { n, fresh } = type === PART.entry ? inbound.take(bytes) : inbound.takeNarrow(bytes);
      (fresh ? answer.entries : answer.again).push(n);
    } else if (type === PART.checkpoint) {
      inbound.takeCheckpoint(bytes);
      answer.state = true;
    } else if (type === PART.cosigned) {
      if (outbound.takeCosigned(bytes)) {
        this.#receipted();
        this.news.push(['cosigned', { size: outbound.cosigned.size }]);
      }
    } else if (type === PART.receipt) {
      if (outbound.takeReceipt(bytes)) this.#receipted();
    } else if (type === PART.refusal) {
      if (outbound.takeRefusal(bytes)) { answer.state = true; this.news.push(['refusal', {}]); }
    } else if (type === PART.report) {
      const r = readAs(report, bytes);
      outbound.takeReport(r, Date.now());
      // "a report that lacks something we have said": "the newest cosignature, and the refusals"
      if ((r.cosigned ?? 0) < (inbound.cosigned?.size ?? 0)) answer.state = true;
      inbound.told = r.refusals ?? 0;
      if (inbound.told < inbound.refusals.size) answer.refusals = true;
    } else if (type === PART.prekeys) {
      const p = openStatement('prekeys', bytes, theirs.station);
      must(equal(p.line, this.line) && p.party === theirs.party, 'line', 'prekeys of another line or party');
      [...p.prekeys, p.lastResort].forEach(checkPrekey); // ENVELOPE §1: "a batch with one is not taken"
      if (p.time > epochs.theirs.time) this.#commit({ t: 'prekeys', ...p });
    } else if (type === PART.closed) {
      const c = openStatement('closed', bytes, theirs.station);
      must(equal(c.line, this.line) && c.party === theirs.party, 'line', 'closed, of another line or party');
      if (epochs.closedByPeer(c.epoch)) this.#count('epochs closed by the peer');
    } else if (type === PART.check) {
      const { answer: reply, proved, under } = channel.checks.take(openStatement('check', bytes, theirs.station), Date.now());
      if (reply) answer.parts.push([PART.check, reply]);
      if (proved) epochs.hold(epochs.byId(under));
    } else if (type === PART.unknown) {
      const { epochs: ids } = readAs(unknown, bytes);
      if (!epochs.current || !ids.some((id) => equal(id, epochs.current.id))) return;
      this.#count('epochs unknown to the peer');
      epochs.open(outbound.size);
      outbound.waiting.forEach((e) => e.sent.clear());
      answer.state = true;
    } else this.#count('parts skipped');
  }
  /** ENVELOPE §2: the addressee "receipted […] something that went under no other epoch": an entry that is younger than the epoch. */
  #receipted() {
    const { current } = this.epochs;
    if (current && !current.held && this.outbound.entries.slice(current.below).some((e) => e.receipted)) this.epochs.hold(current);
  }
  /** RECEIPT §7: what is answered when. Everything is durable before #send(). */
  #answer(channel, a) {
    const now = Date.now(), copies = a.again.length > 0 && (channel.again = channel.again.filter((t) => now - t < 1000)).length < SAME_AGAIN_A_SECOND;
    if (copies) channel.again.push(now);
    const numbers = [...a.entries, ...(copies ? a.again : [])];
    const receipts = numbers.map((n) => this.inbound.receiptFor(n)).filter(Boolean).map((b) => [PART.receipt, b]);
    // What a peer's report asks for is told at the same bounded rate: what is too early now is owed.
    const owed = channel.owed ?? {}, asks = (what) => Boolean(a[what] || owed[what]);
    const early = numbers.length === 0 && now - (channel.toldAt ?? 0) < 1000 / SAME_AGAIN_A_SECOND;
    channel.owed = early ? { state: asks('state'), refusals: asks('refusals') } : {};
    const state = numbers.length > 0 || (asks('state') && !early);
    if (state) channel.toldAt = now;
    const refused = (asks('refusals') && !early) || numbers.some((n) => this.inbound.refusals.has(n));
    const refusals = refused ? this.inbound.nextRefusals().map((b) => [PART.refusal, b]) : [];
    const parts = [...a.parts, ...receipts, ...refusals, ...(state || refused ? [this.#report(), ...this.#cosignature()] : [])];
    if (parts.length === 0) return;
    this.#send(channel, parts);
    // "for Flash also over every interactive channel, and for what was carried by hand also over the best interactive one"
    const flash = a.entries.some((n) => this.inbound.verdicts.get(n)?.content?.precedence === 1);
    const rest = parts.filter(([type]) => type !== PART.check);
    const also = flash ? this.#ready.filter((c) => !c.carried) : channel.carried && this.#best ? [this.#best] : [];
    if (rest.length > 0) also.filter((c) => c !== channel).forEach((c) => this.#send(c, rest));
  }

  /** TRANSCRIPT §6, exported by this party: the peer's log as far as a checkpoint of exactly that size is held. */
  transcript() {
    const { outbound, inbound, me, theirs } = this;
    const pairs = (map, size) => [...map].filter(([n]) => n <= size).sort(([a], [b]) => a - b);
    const size = inbound.cosigned?.size ?? 0, whose = { line: this.line, log: theirs.log, logKey: theirs.logKey, party: me.party, receiptKey: publicOf(this.seeds.receipt) };
    const mine = { party: me.party, log: me.log, entries: outbound.entries.map((e) => e.bytes), checkpoint: outbound.size > 0 ? outbound.checkpoint() : undefined,
      cosigned: outbound.cosigned?.bytes, receipts: pairs(outbound.receipts, outbound.size), refusals: pairs(outbound.refusals, outbound.size).map(([n, r]) => [n, r.bytes]) };
    const other = { party: theirs.party, log: theirs.log, entries: Array.from({ length: size }, (_, i) => inbound.held.get(i + 1).bytes),
      checkpoint: size > 0 ? readCosigned(inbound.cosigned.bytes, whose).checkpoint : undefined, cosigned: inbound.cosigned?.bytes,
      receipts: pairs(inbound.receipts, size), refusals: pairs(inbound.refusals, size) };
    return writeTranscript({ line: this.line, exporter: me.party, logs: [mine, other].sort((a, b) => (a.party < b.party ? -1 : 1)) });
  }
}
