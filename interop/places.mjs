// CHANGE §6: an ended receipt or station key counts in its place.
import { must } from './bytes.mjs';

/** Is what the statement says within the place of a key that the change in entry `number` ended, which had seen `seen`? */
const WITHIN = {
  cosigned: (note, by) => note.size <= by.seen,
  receipt: (r, by, entrySeen) => r.size <= by.seen && (r.number <= by.seen || entrySeen < by.number),
  closing: (c, by) => c.size <= by.seen,
  refusal: (r, by, entrySeen) => r.number <= by.seen || entrySeen < by.number,
};

/** The receipt, station and log keys that a party had, as its changes brought them. */
export class Keys {
  constructor(side) { this.had = { receipt: [{ key: side.receipt }], station: [{ key: side.station }], log: [{ key: side.logKey }] }; }
  /** GENERATION §8: the log key that stands behind entry `size`. */
  logBehind(size) { return this.had.log.find(({ by }) => !by || size < by.number).key; }
  /** The change stands in entry `number`, which has seen `seen` of the other log. */
  apply(change, number, seen) {
    for (const { role, key } of change.keys) {
      if (!this.had[role]) continue;
      this.had[role].at(-1).by = { number, seen };
      this.had[role].push({ key });
    }
  }
  /** What `verify` finds signed by one of these keys, where that key counts. `entrySeen`: how much of this party's log the
   *  entry in question says it has seen. */
  open(format, verify, entrySeen = 0) {
    let wrong;
    for (const { key, by } of this.had[format === 'refusal' ? 'station' : 'receipt'].toReversed()) {
      let statement;
      try { statement = verify(key); } catch (e) {
        if (e.reason !== 'bad signature') throw e;
        wrong ??= e;
        continue;
      }
      must(!by || WITHIN[format](statement, by, entrySeen), 'ended key', `a ${format} beyond the place of its key`);
      return statement;
    }
    throw wrong;
  }
}
