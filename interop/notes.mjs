// TRANSCRIPT §3: checkpoints; RECEIPT §2 and §9: cosignatures.
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { b64, big, concat, equal, fromUtf8, hex, must, sha, unb64, unbig, unhex, utf8 } from './bytes.mjs';
import { signBytes, verifyBytes, publicOf } from './cose.mjs';
import { decimal } from './lines.mjs';
import { EMPTY_ROOT } from './tree.mjs';

const malformed = (ok, what) => must(ok, 'malformed', what);
const MAX_NOTE = 2048, MAX_NOTE_PQ = 8192, MAX_SECONDS = 253402300799, MAX_SIZE = 2 ** 40;
const origin = (line, log) => `parley/v1/${hex(line)}/${hex(log)}`;
const cosigner = (line, party) => `parley/v1/${hex(line)}/receipt/${party}`;
// "the first 4 bytes of SHA-256(key name ‖ 0A 01 ‖ […] the log key)"; 0A 04 for a cosignature
const noteKeyId = (name, type, key) => sha(name, Uint8Array.of(0x0a, type), key).subarray(0, 4);
const checkpointText = (line, log, size, root) => `${origin(line, log)}\n${size}\n${b64(root)}\n`;
const signatureLine = (name, id, signature) => `— ${name} ${b64(concat(id, signature))}\n`;
const cosignMessage = (seconds, text) => utf8(`cosignature/v1\ntime ${seconds}\n${text}`);

export function signCheckpoint({ line, log, size, root }, logSeed) {
  const name = origin(line, log), text = checkpointText(line, log, size, root);
  return utf8(`${text}\n${signatureLine(name, noteKeyId(name, 1, publicOf(logSeed)), signBytes(utf8(text), logSeed))}`);
}
export function cosign(checkpoint, { line, party, seconds }, receiptSeed) {
  const text = fromUtf8(checkpoint).split('\n\n')[0] + '\n', name = cosigner(line, party);
  const signature = concat(big(seconds, 8), signBytes(cosignMessage(seconds, text), receiptSeed));
  return concat(checkpoint, signatureLine(name, noteKeyId(name, 4, publicOf(receiptSeed)), signature));
}

/** The form of a note with `count` signatures, whoever made them. */
function readNote(bytes, count, max = MAX_NOTE) {
  malformed(bytes.length <= max, 'too long');
  let text;
  try { text = fromUtf8(bytes); } catch { malformed(false, 'not UTF-8'); }
  const lines = text.split('\n');
  malformed(lines.length === 5 + count && lines[3] === '' && lines.at(-1) === '', 'lines of a note');
  const [, line, log] = /^parley\/v1\/([0-9a-f]{64})\/([0-9a-f]{32})$/.exec(lines[0]) ?? [];
  malformed(line, 'origin');
  const size = decimal(lines[1], 0, MAX_SIZE), root = unb64(lines[2]);
  malformed(root.length === 32 && (size > 0 || equal(root, EMPTY_ROOT)), 'root');
  const signatures = lines.slice(4, -1).map((l) => {
    const [dash, name, signature, ...more] = l.split(' ');
    malformed(dash === '—' && name && signature && more.length === 0, 'signature line');
    const blob = unb64(signature);
    malformed(blob.length >= 5, 'signature');
    return { name, id: blob.subarray(0, 4), signature: blob.subarray(4) };
  });
  return { line: unhex(line), log: unhex(log), size, root, text: lines.slice(0, 3).join('\n') + '\n', signatures, bytes };
}
/** A checkpoint with or without a cosignature, by its form: the seconds of the cosignature are what it claims. */
export function parseNote(bytes, counts = [1, 2]) {
  const count = fromUtf8(bytes).split('\n').length - 5;
  malformed(counts.includes(count), 'signatures of a note');
  const note = readNote(bytes, count), [, cosignature] = note.signatures;
  if (!cosignature) return note;
  const seconds = unbig(cosignature.signature.subarray(0, 8));
  malformed(cosignature.signature.length === 72 && seconds <= MAX_SECONDS, 'the cosignature');
  return { ...note, seconds };
}
const by = (s, name, type, key) => s.name === name && equal(s.id, noteKeyId(name, type, key));
function checkLog(note, { line, log, logKey }) {
  must(equal(note.line, line) && equal(note.log, log), 'log', 'of another log or line');
  const [s] = note.signatures;
  must(by(s, origin(line, log), 1, logKey) && verifyBytes(s.signature, utf8(note.text), logKey), 'bad signature', 'not by the log key');
}
/** whose: { line, log, logKey } */
export const readCheckpoint = (bytes, whose) => checkCheckpoint(readNote(bytes, 1), whose);
export function checkCheckpoint(note, whose) {
  checkLog(note, whose);
  return note;
}
/** whose: { …, party, receiptKey } of the other party, who cosigned */
export const readCosigned = (bytes, whose) => checkCosigned(readNote(bytes, 2), whose);
export function checkCosigned(note, whose) {
  checkLog(note, whose);
  const name = cosigner(whose.line, whose.party), [, s] = note.signatures;
  must(by(s, name, 4, whose.receiptKey) && s.signature.length === 72, 'bad signature', 'not by the receipt key');
  const seconds = unbig(s.signature.subarray(0, 8));
  must(verifyBytes(s.signature.subarray(8), cosignMessage(seconds, note.text), whose.receiptKey), 'bad signature', 'cosignature');
  const head = concat(note.text, '\n', signatureLine(note.signatures[0].name, note.signatures[0].id, note.signatures[0].signature));
  return { ...note, seconds, checkpoint: head };
}

const cosignerPq = (line, party) => `parley/v1/${hex(line)}/receipt-pq/${party}`;
const counted = (text) => concat(Uint8Array.of(text.length), text);
/** RECEIPT §9. whose: { …, receiptKey, owner: the party whose log it is, receiptPq: its key, peerReceiptPq: the other party's } */
export function readCosignedPq(bytes, whose) {
  const note = readNote(bytes, 4, MAX_NOTE_PQ), lines = fromUtf8(bytes).split('\n');
  readCosigned(utf8(lines.slice(0, 6).join('\n') + '\n'), whose);
  const sides = [[whose.owner, whose.receiptPq], [whose.party, whose.peerReceiptPq]];
  const [offered, cosigned] = sides.map(([party, key], i) => {
    const s = note.signatures[2 + i], name = cosignerPq(whose.line, party), moment = s.signature.subarray(0, 8);
    must(key && s.name === name, 'bad signature', `not by the receipt-pq key of ${party}`);
    malformed(s.signature.length === 8 + 2420, 'signature');
    must(by(s, name, 6, key), 'bad signature', `not by the receipt-pq key of ${party}`);
    const seconds = unbig(moment);
    malformed(seconds > 0 && seconds <= MAX_SECONDS, 'no moment');
    const message = concat('subtree/v1\n\0', counted(name), moment, counted(origin(note.line, note.log)), big(0, 8), big(note.size, 8), note.root);
    must(ml_dsa44.verify(s.signature.subarray(8), message, key), 'bad signature', `cosignature of ${party} by ML-DSA-44`);
    return seconds;
  });
  return { ...note, offered, cosigned };
}

const NAME = /^[!-*,-~]{1,128}$/, MAX_WITNESSED = 32768;
/** WITNESS §2: the form of a checkpoint below which witnesses cosigned. */
export function parseWitnessed(bytes) {
  const count = fromUtf8(bytes).split('\n').length - 5;
  malformed(count >= 2 && count <= 9, 'signatures of a note');
  const note = readNote(bytes, count, MAX_WITNESSED), [log, ...list] = note.signatures;
  malformed(note.size > 0 && log.name === origin(note.line, note.log), 'not one signature of the log, of what is in it');
  note.witnesses = list.map((s, i) => {
    const seconds = unbig(s.signature.subarray(0, 8)), order = (x) => x.name + ' ' + hex(x.id);
    malformed(NAME.test(s.name) && [72, 2428].includes(s.signature.length) && seconds > 0 && seconds <= MAX_SECONDS, 'cosignature');
    malformed(i === 0 || order(list[i - 1]) < order(s), 'sorted, one of each');
    return { ...s, seconds };
  });
  return note;
}
/** key: the verifier key of a witness of Ed25519, as text */
export function readWitnessed(bytes, whose, key) {
  const note = parseWitnessed(bytes);
  checkLog(note, whose);
  const [, name, id, coded] = /^([^+]*)\+([^+]*)\+(.*)$/.exec(key) ?? [], raw = unb64(coded ?? '');
  must(raw.length === 33 && raw[0] === 4 && hex(noteKeyId(name, 4, raw.subarray(1))) === id, 'malformed', 'the key');
  const s = note.witnesses.find((w) => by(w, name, 4, raw.subarray(1)));
  must(s && verifyBytes(s.signature.subarray(8), cosignMessage(s.seconds, note.text), raw.subarray(1)), 'bad signature', 'not by the witness');
  return note;
}

// Notes within a text: "each line behind `| `; an empty line of it is `|`".
export const quoteNote = (bytes) => fromUtf8(bytes).trimEnd().split('\n').map((l) => (l === '' ? '|' : `| ${l}`));
export function unquoteNote(cursor) {
  const lines = cursor.many('|', () => cursor.take('|'));
  return utf8(lines.map((l) => l + '\n').join(''));
}
/** A text that "has END, which counts the lines above it and has the SHA-256 of their bytes". */
export function splitSealed(bytes, title, max) {
  malformed(bytes.length <= max, 'too long');
  let text;
  try { text = fromUtf8(bytes); } catch { malformed(false, 'not UTF-8'); }
  malformed(text.endsWith('\n'), 'cut off');
  const lines = text.slice(0, -1).split('\n'), end = lines.pop();
  malformed(lines[0] === title, 'title');
  malformed(end === endLine(lines), 'END');
  return lines;
}
const endLine = (lines) => `END ${lines.length} ${hex(sha(lines.join('\n') + '\n'))}`;
export const joinSealed = (lines) => utf8([...lines, endLine(lines)].join('\n') + '\n');
