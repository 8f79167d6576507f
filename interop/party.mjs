// ROSTER §5: a party, its keys and the ceremony. A home holds party.json (seeds), the papers of its one line, and what store.mjs keeps.
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, must } from './bytes.mjs';
import { newSeed, publicOf } from './cose.mjs';
import { makePrekeys } from './epochs.mjs';
import { makeAccept, makeCard, makeInvite, readAccept, readCard, readInvite, readRoster, words } from './roster.mjs';
import { Station } from './station.mjs';
import { Store, fromJson, toJson, writeDurably } from './store.mjs';

const file = (home, name) => new Uint8Array(readFileSync(join(home, name)));
const secrets = (home) => fromJson(readFileSync(join(home, 'party.json'), 'utf8'));

/** officers: { name: [desk, …] } */
export function makeParty(home, { party, language = 'en', officers }) {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const seeds = Object.fromEntries(['root', 'logKey', 'station', 'receipt', 'hop'].map((name) => [name, newSeed()]));
  seeds.officers = Object.fromEntries(Object.keys(officers).map((name) => [name, newSeed()]));
  writeDurably(home, 'party.json', Buffer.from(toJson({ party, language, officers, seeds })));
}
/** A card with a new log and the first prekeys. */
function newCard(home) {
  const { party, language, officers, seeds } = secrets(home), store = new Store(home);
  const batch = makePrekeys(store, (r) => store.append(r));
  store.sync();
  store.close();
  const list = Object.entries(officers).map(([name, desks]) => ({ name, desks: [...desks].sort(compare), key: publicOf(seeds.officers[name]) }));
  const keys = Object.fromEntries(['root', 'logKey', 'station', 'receipt', 'hop'].map((name) => [name, publicOf(seeds[name])]));
  const card = makeCard({ party, language, log: new Uint8Array(randomBytes(16)), ...keys, desks: [...new Set(list.flatMap((o) => o.desks))].sort(compare),
    officers: list.sort((a, b) => compare(a.name, b.name)), prekeys: batch.prekeys, lastResort: batch.lastResort }, seeds.root);
  readCard(card);
  return card;
}
/** Step 2 */
export function invite(home, to, terms) {
  const bytes = makeInvite(to, terms, newCard(home));
  readInvite(bytes);
  writeDurably(home, 'invite.txt', bytes);
  return bytes;
}
/** Step 4: "checks the hash against the invite it sent" */
export function takeAccept(home, bytes) {
  const { card, roster } = readAccept(bytes, readInvite(file(home, 'invite.txt')));
  return keepLine(home, roster, card);
}
/** Step 3 */
export function accept(home, inviteBytes) {
  const asked = readInvite(inviteBytes), { party } = secrets(home);
  must(asked.to === party, 'party', `the invite is for ${asked.to}`);
  const bytes = makeAccept(asked, newCard(home));
  keepLine(home, readAccept(bytes, asked).roster, asked.card);
  return bytes;
}
function keepLine(home, roster, peerCard) {
  writeDurably(home, 'peer-card.txt', peerCard.bytes);
  writeDurably(home, 'roster.txt', roster.bytes);
  return roster;
}
export const wordsOf = (home) => words(readRoster(file(home, 'roster.txt')).lineId);
/** Step 5, and §8: "compares all twelve […], ignores case and the amount of white space, and on a difference names the place". */
export function confirm(home, heard) {
  const ours = wordsOf(home).split(' '), theirs = heard.trim().toLowerCase().split(/\s+/);
  const wrong = ours.map((w, i) => (w === theirs[i] ? 0 : i + 1)).filter(Boolean);
  must(theirs.length === 12 && wrong.length === 0, 'words', `word ${wrong[0] ?? 13} is another`);
  writeDurably(home, 'confirmed', new Uint8Array());
}
export function openStation(home) {
  must(existsSync(join(home, 'confirmed')), 'words', 'before the words are compared it is not a line');
  const { party, seeds } = secrets(home);
  return new Station({ home, store: new Store(home), roster: readRoster(file(home, 'roster.txt')), party, seeds, peerCard: readCard(file(home, 'peer-card.txt')) });
}
