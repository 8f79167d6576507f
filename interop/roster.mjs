// ROSTER: cards, invite, accept, roster, terms and words. Each reader gives an object with `bytes`, and refuses what the
// specification refuses, with its outcome (§7).
import { readFileSync } from 'node:fs';
import { x25519 } from '@noble/curves/ed25519.js';
import { ascending, b64, compare, equal, fromUtf8, hex, isZero, must, sha, unb64, unhex } from './bytes.mjs';
import { keyId, publicOf, signBytes, toBeSigned1, verifyBytes } from './cose.mjs';
import { decimal, mustPrint, printLines, readLines, textOf } from './lines.mjs';
import { checkLanguage, checkOfficerName, checkParty, isDesk } from './names.mjs';

const malformed = (ok, what) => must(ok, 'malformed', what);
const PREKEY = 1216;
const PRECEDENCES = ['flash', 'immediate', 'priority', 'routine'];
const RECEIPT_PQ = 1312; // of ML-DSA-44
const KEYS = { root: 'root', 'log-key': 'logKey', station: 'station', receipt: 'receipt', hop: 'hop' }; // keyword: property

// §4: "points of small order, under which signatures verify that nobody made"
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000', '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f', 'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f']);
export function checkKeyOrder(key) {
  const cleared = Uint8Array.from(key);
  cleared[31] &= 0x7f;
  must(!SMALL_ORDER.has(hex(cleared)), 'key', 'a point of small order');
}
export function readKey(text) {
  const key = unb64(text);
  malformed(key.length === 32, 'a key has 32 bytes');
  return key;
}
function readLog(text) {
  malformed(/^[0-9a-f]{32}$/.test(text) && !isZero(unhex(text)), 'log');
  return unhex(text);
}

// §3 "party NAME" to "officer KEY DESKS NAME": the side of a party
export function readOfficer(text, ofParty) {
  const parts = text.split(' ');
  malformed(parts.length >= 3, 'officer');
  const key = readKey(parts[0]), desks = parts[1].split(','), name = parts.slice(2).join(' ');
  checkOfficerName(name);
  malformed(desks.length <= 8 && ascending(desks) && desks.every((d) => isDesk(d) && d.startsWith(ofParty + '/')), `desks of ${name}`);
  return { key, desks, name, id: keyId('officer', key) };
}
function readSide(cursor) {
  const party = cursor.take('party');
  checkParty(party);
  const language = cursor.take('language');
  malformed(language.length <= 35, 'language');
  checkLanguage(language);
  const side = { party, language, log: readLog(cursor.take('log')) };
  for (const [keyword, name] of Object.entries(KEYS)) {
    side[name] = readKey(cursor.take(keyword));
    if (keyword === 'receipt' && cursor.is('receipt-pq')) side.receiptPq = unb64(cursor.take('receipt-pq'));
  }
  malformed(!side.receiptPq || side.receiptPq.length === RECEIPT_PQ, 'receipt-pq');
  if (cursor.is('deniable')) side.deniable = readKey(cursor.take('deniable'));
  side.desks = cursor.many('desk', () => cursor.take('desk'));
  side.officers = cursor.many('officer', () => readOfficer(cursor.take('officer'), party));
  checkSide(side);
  return side;
}
export function checkSide(side) {
  const { desks, officers, party } = side;
  malformed(desks.length >= 1 && desks.length <= 16 && ascending(desks) && desks.every((d) => isDesk(d) && d.startsWith(party + '/')), 'desks');
  malformed(officers.length >= 1 && officers.length <= 16 && ascending(officers, (o) => o.name), 'officers');
  for (const { name, desks: of } of officers) malformed(of.every((d) => desks.includes(d)), `a desk of ${name} is not there`);
  for (const d of desks) malformed(officers.some((o) => o.desks.includes(d)), `${d} could never answer`);
}
export const sideLines = (side) => [`party ${side.party}`, `language ${side.language}`, `log ${hex(side.log)}`,
  ...Object.entries(KEYS).flatMap(([keyword, name]) => [`${keyword} ${b64(side[name])}`,
    ...(keyword === 'receipt' && side.receiptPq ? [`receipt-pq ${b64(side.receiptPq)}`] : [])]),
  ...(side.deniable ? [`deniable ${b64(side.deniable)}`] : []), ...side.desks.map((d) => `desk ${d}`),
  ...side.officers.map((o) => `officer ${b64(o.key)} ${o.desks.join(',')} ${o.name}`)];
export const keysOf = (side) => [...Object.entries(KEYS).map(([keyword, name]) => ({ role: keyword.replace('-key', ''), key: side[name] })),
  ...side.officers.map((o) => ({ role: 'officer', key: o.key })), ...(side.deniable ? [{ role: 'deniable', key: side.deniable }] : [])];
/** §4: "those MUST be refused whose shared secret with another key is zero". */
function checkX25519(key) {
  try { x25519.getSharedSecret(new Uint8Array(32).fill(9), key); } catch { must(false, 'key', 'a point of small order'); }
}
/** §4: "if one of the 768 coefficients of 12 bits with which it begins […] is above 3,328". */
export function checkPrekey(key) {
  for (let i = 0; i < 1152; i += 3) {
    const pair = key[i] | (key[i + 1] << 8) | (key[i + 2] << 16);
    must((pair & 0xfff) < 3329 && pair >> 12 < 3329, 'key', 'a coefficient out of range');
  }
  checkX25519(key.subarray(1184));
}
/** §4: "All keys of both cards MUST be distinct, whatever their roles"; "No two keys of a roster may have the same id." */
export function checkKeys(...sides) {
  const keys = sides.flatMap(keysOf);
  keys.forEach(({ role, key }) => (role === 'deniable' ? checkX25519 : checkKeyOrder)(key));
  must(new Set(keys.map(({ key }) => hex(key))).size === keys.length, 'key', 'a key stands twice');
  must(new Set(keys.map(({ role, key }) => hex(keyId(role, key)))).size === keys.length, 'key', 'two keys have one id');
  const [a, b] = sides.map((s) => s.receiptPq);
  must(!a || !b || !equal(a, b), 'key', 'one receipt-pq key on both sides');
  must(new Set(sides.map((s) => hex(s.log))).size === sides.length, 'key', 'equal log ids');
}

// §3 the card
const cardLines = (c) => ['parley-card v1', ...sideLines(c), ...c.prekeys.map((p) => `prekey ${b64(p)}`), `last-resort ${b64(c.lastResort)}`];
const cardMessage = (lines, root) => toBeSigned1(keyId('root', root), 'card', textOf(lines));
export function makeCard(card, rootSeed) {
  const lines = cardLines(card);
  return printLines([...lines, `signature root ${b64(signBytes(cardMessage(lines, publicOf(rootSeed)), rootSeed))}`]);
}
export function readCard(bytes) {
  const cursor = readLines(bytes, 'parley-card v1');
  const card = { ...readSide(cursor), bytes };
  const prekey = (keyword) => unb64(cursor.take(keyword));
  card.prekeys = cursor.many('prekey', () => prekey('prekey'));
  card.lastResort = prekey('last-resort');
  malformed(card.prekeys.length <= 16 && [...card.prekeys, card.lastResort].every((p) => p.length === PREKEY), 'prekeys');
  const signature = unb64(cursor.fields('signature', 2)[1]);
  cursor.end();
  const lines = cardLines(card);
  mustPrint(bytes, [...lines, `signature root ${b64(signature)}`], 'the card');
  malformed(signature.length === 64, 'signature');
  checkKeys(card);
  [...card.prekeys, card.lastResort].forEach(checkPrekey);
  must(new Set([...card.prekeys, card.lastResort].map(hex)).size === card.prekeys.length + 1, 'key', 'equal prekeys');
  must(verifyBytes(signature, cardMessage(lines, card.root), card.root), 'root signature', card.party);
  return card;
}
/** "A card inside an invite or accept is the whole card file, from its title to its own END." */
function takeCard(cursor) {
  const from = cursor.at;
  while (!cursor.done && !cursor.lines[cursor.at].startsWith('END ')) cursor.at++;
  malformed(!cursor.done, 'there is no card');
  return readCard(textOf(cursor.lines.slice(from, ++cursor.at)));
}

// §6 the terms
const UNITS = [['h', 3600000], ['m', 60000], ['s', 1000], ['ms', 1]];
const writeSpan = (ms) => { const [unit, of] = UNITS.find(([, n]) => ms % n === 0); return `${ms / of}${unit}`; };
function readSpan(text, min, max) {
  const [, n, unit] = /^([1-9][0-9]{0,9})(h|m|s|ms)$/.exec(text) ?? [];
  malformed(n, `span ${text}`);
  const ms = Number(n) * Object.fromEntries(UNITS)[unit];
  malformed(ms >= min && ms <= max && writeSpan(ms) === text, `span ${text}`);
  return ms;
}
const ADDRESS = /^(?:[a-z0-9.-]+|\[[a-f0-9:.]*:[a-f0-9:.]*\]):([1-9][0-9]{0,4})$/; // the brackets hold a ":", as an IPv6 address does
function readChannel(text) {
  const [name, kind, ...rest] = text.split(' ');
  checkParty(name);
  const narrow = rest.at(-1) === 'narrow';
  if (narrow) rest.pop();
  const channel = { name, kind, narrow };
  if (kind === 'tcp' || kind === 'quic') {
    malformed(rest.length === 2, 'channel');
    [channel.listener, channel.address] = rest;
    checkParty(channel.listener);
    const [, port] = ADDRESS.exec(channel.address) ?? [];
    malformed(channel.address.length <= 255 && port && Number(port) <= 65535, `address ${channel.address}`);
  } else malformed((kind === 'pouch' || kind === 'pipe') && rest.length === 0, `channel ${text}`);
  return channel;
}
export function readTerms(cursor) {
  malformed(cursor.take('terms') === 'v1', 'version of terms');
  const terms = { quorum: {}, kindQuorum: {} };
  const quorum = (keyword, name) => decimal(cursor.take(`${keyword} ${name}`), 1, 8);
  for (const p of PRECEDENCES) terms.quorum[p] = quorum('quorum', p);
  for (const k of ['text', 'acknowledgement']) if (cursor.is(`quorum-kind ${k}`)) terms.kindQuorum[k] = quorum('quorum-kind', k);
  terms.channels = cursor.many('channel', () => readChannel(cursor.take('channel')));
  const { channels } = terms;
  malformed(channels.length >= 1 && channels.length <= 16 && new Set(channels.map((c) => c.name)).size === channels.length, 'channels');
  terms.checkEvery = readSpan(cursor.take('check-every'), 100, 24 * 3600000);
  terms.languages = cursor.take('languages').split(',');
  terms.languages.forEach((l) => { malformed(l.length <= 35, l); checkLanguage(l); });
  malformed(terms.languages.length <= 16 && new Set(terms.languages.map((l) => l.toLowerCase())).size === terms.languages.length, 'languages');
  const evidence = cursor.take('evidence');
  malformed(['attributable', 'deniable', 'attributable,non-papers'].includes(evidence), 'evidence');
  terms.evidence = evidence;
  terms.pouchWindow = readSpan(cursor.take('pouch-window'), 60000, 8784 * 3600000);
  return terms;
}
const channelLine = (c) => ['channel', c.name, c.kind, c.listener, c.address, c.narrow && 'narrow'].filter(Boolean).join(' ');
export const termsLines = (t) => ['terms v1', ...PRECEDENCES.map((p) => `quorum ${p} ${t.quorum[p]}`),
  ...Object.entries(t.kindQuorum).map(([k, n]) => `quorum-kind ${k} ${n}`), ...t.channels.map(channelLine), `check-every ${writeSpan(t.checkEvery)}`,
  `languages ${t.languages.join(',')}`, `evidence ${t.evidence}`, `pouch-window ${writeSpan(t.pouchWindow)}`];
export const largestQuorum = (t) => Math.max(...Object.values(t.quorum), ...Object.values(t.kindQuorum));
/** MESSAGE §6 rule 6, CHANGE §3 rule 6. */
export const quorumOf = (t, precedence, kind) =>
  (kind === 3 ? largestQuorum(t) : t.kindQuorum[{ 1: 'text', 2: 'acknowledgement' }[kind]] ?? t.quorum[PRECEDENCES[precedence - 1]]);
/** §6: "Each party MUST have a desk with at least as many officers as the largest quorum". */
export const inReach = (side, t) => side.desks.some((d) => side.officers.filter((o) => o.desks.includes(d)).length >= largestQuorum(t));
function checkTerms(terms, parties, sides) {
  for (const side of sides) must((terms.evidence !== 'attributable') === (side.deniable !== undefined), 'deniable', side.party);
  for (const side of sides) must(terms.evidence !== 'deniable' || !side.receiptPq, 'deniable', `${side.party} has a receipt-pq key`);
  for (const c of terms.channels) must(!c.listener || parties.includes(c.listener), 'party', `${c.listener} listens`);
  for (const side of sides) must(inReach(side, terms), 'quorum', `out of reach of ${side.party}`);
}

// §5 the ceremony
export function makeInvite(to, terms, card) {
  return printLines(['parley-invite v1', `to ${to}`, ...termsLines(terms), ...fromUtf8(card).trimEnd().split('\n')]);
}
export function readInvite(bytes) {
  const cursor = readLines(bytes, 'parley-invite v1');
  const to = cursor.take('to');
  checkParty(to);
  const terms = readTerms(cursor), card = takeCard(cursor);
  cursor.end();
  mustPrint(bytes, ['parley-invite v1', `to ${to}`, ...termsLines(terms), ...fromUtf8(card.bytes).trimEnd().split('\n')], 'the invite');
  must(to !== card.party, 'party', 'it invites itself');
  checkTerms(terms, [to, card.party], [card]);
  return { bytes, to, terms, card, hash: sha('parley/v1/invite\0', bytes) };
}
const acceptLines = (hash, card) => ['parley-accept v1', `invite ${hex(hash)}`, ...fromUtf8(card).trimEnd().split('\n')];
export const makeAccept = (invite, card) => printLines(acceptLines(invite.hash, card));
export function readAccept(bytes, invite) {
  const cursor = readLines(bytes, 'parley-accept v1');
  const hash = cursor.take('invite');
  malformed(/^[0-9a-f]{64}$/.test(hash), 'invite');
  const card = takeCard(cursor);
  cursor.end();
  mustPrint(bytes, acceptLines(unhex(hash), card.bytes), 'the accept');
  must(card.party === invite.to, 'party', `${card.party} was not invited`);
  must(equal(unhex(hash), invite.hash), 'invite', 'it answers another');
  const roster = makeRoster(invite.terms, invite.card, card);
  return { card, roster };
}

const rosterLines = (r) => ['parley-roster v1', ...r.sides.flatMap(sideLines), ...termsLines(r.terms)];
export function makeRoster(terms, ...cards) {
  return readRoster(printLines(rosterLines({ terms, sides: cards.sort((a, b) => compare(a.party, b.party)) })));
}
export function readRoster(bytes) {
  const cursor = readLines(bytes, 'parley-roster v1');
  const sides = [readSide(cursor), readSide(cursor)];
  const terms = readTerms(cursor);
  cursor.end();
  const roster = { bytes, sides, terms, lineId: sha('parley/v1/roster\0', bytes) };
  mustPrint(bytes, rosterLines(roster), 'the roster');
  const [first, second] = sides;
  must(first.party !== second.party, 'party', 'one party on both sides');
  malformed(compare(first.party, second.party) < 0, 'the parties are not sorted');
  checkKeys(first, second);
  checkTerms(terms, [first.party, second.party], sides);
  return roster;
}
export const sideOf = (roster, party) => roster.sides.find((s) => s.party === party);
export const peerOf = (roster, party) => roster.sides.find((s) => s.party !== party);

// §8 the words
const ENGLISH = readFileSync(new URL('./english.txt', import.meta.url));
must(hex(sha(ENGLISH)) === '2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda', 'words', 'another list than that of BIP-39');
const LIST = ENGLISH.toString().trimEnd().split('\n');
/** "the first 132 bits […], taken from the left as twelve numbers of 11 bits" */
export function words(hash) {
  const bits = BigInt('0x' + hex(hash)) >> (256n - 132n);
  return Array.from({ length: 12 }, (_, i) => LIST[Number((bits >> BigInt(11 * (11 - i))) & 2047n)]).join(' ');
}
