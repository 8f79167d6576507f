// RECEIPT §3 to §6, ENVELOPE §1, §4, GENERATION §2 to §4: what stations say to each other, and how it is signed.
import { equal, isZero, must } from './bytes.mjs';
import { bytes, list, readAs, struct, tuple, uint, writeAs } from './cbor.mjs';
import { open1, sign1 } from './cose.mjs';
import { eightBytes, hash, lineId, logId, number, party, size, someSize, time } from './names.mjs';

const malformed = (ok, what) => must(ok, 'malformed', what);
const prekey = bytes(1216);
const prekeyList = list(prekey, 0, 16);

const generationId = bytes(16, (x) => !isZero(x));

const SHAPES = {
  receipt: struct({ log: [1, logId], number: [2, number], leaf: [3, hash], time: [4, time], size: [5, size] }),
  refusal: struct({ log: [1, logId], number: [2, number], leaf: [3, hash], reason: [4, uint(1, 255)], time: [5, time] }),
  check: struct({
    line: [1, lineId], from: [2, party], nonce: [3, eightBytes], answers: [4, bytes(8, (x) => !isZero(x)), true],
    time: [5, time], channel: [6, party], roster: [7, hash],
  }),
  prekeys: struct({ line: [1, lineId], party: [2, party], prekeys: [3, prekeyList], lastResort: [4, prekey], time: [5, time] }),
  closed: struct({ line: [1, lineId], party: [2, party], epoch: [3, eightBytes], time: [4, time] }),
  opening: struct({ line: [1, lineId], roster: [2, hash], from: [3, party], to: [4, party], prekey: [5, hash], enc: [6, bytes(1120)], epoch: [7, eightBytes] }),
  renewal: struct({ line: [1, lineId], party: [2, party], id: [3, generationId], time: [4, time] }),
  closing: struct({
    line: [1, lineId], party: [2, party], closed: [3, logId], size: [4, size], root: [5, hash], opened: [6, generationId], own: [7, someSize, true], time: [8, time],
  }, (c) => malformed(!equal(c.closed, c.opened), 'a generation that follows itself')),
};
/** The payload of a signed statement, verified. Domain and format have one name. */
export const openStatement = (format, data, key) => readAs(SHAPES[format], open1(format, data, key));
export const signStatement = (format, value, seed) => sign1(format, writeAs(SHAPES[format], value), seed);
export const readPayload = (format, payload) => readAs(SHAPES[format], payload);
export const payloadOf = (format, value) => writeAs(SHAPES[format], value);

/** RECEIPT §6: "ascending, none touching another or key 2" */
export const report = struct({
  log: [1, logId], size: [2, size], ahead: [3, list(tuple(number, number), 1, 64), true],
  refusals: [4, someSize, true], cosigned: [5, someSize, true], wait: [6, uint(1, 3600, 'limit'), true],
}, (r) => {
  let last = BigInt(r.size);
  for (const [from, to] of r.ahead ?? []) {
    malformed(BigInt(from) > last + 1n && to >= from, 'ranges');
    last = BigInt(to);
  }
});
/** ENVELOPE §4 */
export const unknown = struct({ epochs: [1, list(eightBytes, 1, 16)] });
/** GENERATION §4 */
export const recall = struct({ log: [1, logId], size: [2, size] });
export { readAs, writeAs };

/** RECEIPT §4: the numbers of the reasons for which content is not believed. */
export const REASONS = ['', 'malformed', 'version', 'text', 'quorum', 'signature', 'officer', 'addressee', 'line', 'replay', 'limit', 'deniable', 'desk', 'change', 'seen'];
