// RECEIPT §5: line checks of one channel, "the two sides ask in turn".
import { randomBytes } from 'node:crypto';
import { equal, must } from './bytes.mjs';
import { signStatement } from './statements.mjs';

const DAY = 24 * 3600000, ANSWERS_A_SECOND = 5;

export class Checks {
  constructor({ channel, line, me, peer, checkEvery, stationSeed }) {
    Object.assign(this, { channel, line, me, peer, stationSeed, next: Infinity, asked: [], answered: [], proved: undefined });
    this.interval = channel.carried ? Math.max(checkEvery, DAY) : checkEvery;
    this.grace = channel.carried ? this.interval : channel.narrow ? 30000 : Math.max(this.interval / 4, 2000);
  }
  #statement(answers) {
    const nonce = new Uint8Array(randomBytes(8));
    const bytes = signStatement('check', { line: this.line, from: this.me, nonce, answers, time: Date.now(), channel: this.channel.name, roster: this.line }, this.stationSeed);
    return { nonce, bytes };
  }
  /** "When a channel comes up both ask at once […]. (A carried one is not asked again within its interval.)" */
  up(now) { if (!this.channel.carried || !this.last || now - this.last > this.interval) this.next = now; }
  /** The question that is due now, if any. `under` is the epoch it goes under. */
  due(now, under) {
    const open = this.asked.at(-1);
    const again = open && !open.answered && !open.repeated && now - open.at >= this.grace;
    if (now < this.next && !again) return undefined;
    const { nonce, bytes } = this.#statement();
    this.asked.push({ nonce, at: now, under, answered: false, repeated: Boolean(again && now < this.next) });
    if (this.asked.length > 16) this.asked.shift();
    this.last = now;
    this.next = now + this.interval + this.grace;
    return bytes;
  }
  /** A check of the peer, verified. Gives { answer } to a question, or { proved, under } for an answer. */
  take(check, now) {
    must(equal(check.line, this.line) && check.from === this.peer, 'line', 'a check of another line or party');
    must(equal(check.roster, this.line), 'roster', 'the other side believes another roster');
    if (check.answers) {
      const question = this.asked.find((a) => equal(a.nonce, check.answers));
      if (!question || check.channel !== this.channel.name) return {};
      question.answered = true;
      this.proved = now;
      return { proved: true, under: question.under };
    }
    const before = this.answered.find((a) => equal(a.nonce, check.nonce));
    if (before) return { answer: before.bytes };
    const open = this.asked.at(-1), crossed = open && !open.answered && now - open.at < this.grace;
    // "Whoever was asked asks next, an interval after that question came"; of two that crossed, the first by name.
    this.next = crossed && this.me > this.peer ? now + this.interval + this.grace : now + this.interval;
    if (this.answered.filter((a) => now - a.at < 1000).length >= ANSWERS_A_SECOND) return {};
    const { bytes } = this.#statement(check.nonce);
    this.answered.push({ nonce: check.nonce, at: now, bytes });
    if (this.answered.length > 32) this.answered.shift();
    return { answer: bytes };
  }
}
