// CHANGE: a party changes its own side of the roster by a message whose body is a change document.
import { ascending, b64, compare, equal, hex, must, sha, unhex } from './bytes.mjs';
import { keyId } from './cose.mjs';
import { decimal, mustPrint, readLines, textOf } from './lines.mjs';
import { MAX_NUMBER, checkOfficerName, checkParty } from './names.mjs';
import { checkKeyOrder, checkKeys, checkSide, inReach, keysOf, peerOf, readKey, readOfficer, sideLines } from './roster.mjs';

const malformed = (ok, what) => must(ok, 'malformed', what);
const change = (ok, what) => must(ok, 'change', what);
const MAX_BODY = 32768, MAX_ACTS = 16;

/** §1: SHA-256("parley/v1/side\0" ‖ the lines party to officer) */
export const sideHash = (side) => sha('parley/v1/side\0', textOf(sideLines(side)));

// §5: the words of a compromise notice, "which are part of what the officers sign"
const NOTICES = {
  officer: (c, party, name) => [`whether officer ${name} approved what this key signed in entries ${c.since} and later of ${party}`,
    `everything before entry ${c.since} of ${party}; and that every entry a cosigned checkpoint covers stands where it stands`],
  hop: (c, party) => [`who stood at the far end of channels that this key opened since entry ${c.since} of ${party}`,
    'every message, receipt and secret: none depends on a hop key'],
  station: (c, party) => [`whether ${party} refused what this key refused; and since entry ${c.since} of ${party}: who opened epochs and proved channels with it, and who read what was sealed to its prekeys`,
    'every message and receipt: none is signed by a station key; and that every entry a cosigned checkpoint covers stands where it stands'],
  receipt: (c, party) => [`when ${party} received what this key receipted since entry ${c.since} of ${party}, and whether it received what no entry of ${party} says it has seen`,
    `every message; and that ${party} received what an entry of ${party} says it has seen`],
  log: (c, party) => [`whether ${party} signed the checkpoints that this key signed since entry ${c.since} of ${party}, but for those that the other party cosigned`,
    'every message and receipt: none is signed by a log key; and that every entry a cosigned checkpoint covers stands where it stands'],
  root: (c, party) => [`whether ${party} made the cards that this key signed since entry ${c.since} of ${party}, but for the card of this line`,
    'everything on this line: its roster was compared in words, and this key signs nothing on it'],
};
const noticeLines = (c, party, name) => {
  const [doubt, stays] = NOTICES[c.role](c, party, name);
  return [`doubt ${doubt}`, `stays ${stays}`];
};
const ROLES = ['hop', 'log', 'receipt', 'root', 'station'];
const property = (role) => (role === 'log' ? 'logKey' : role); // of a side, where the key of a role stands

function readId(text) {
  malformed(/^[0-9a-f]{16}$/.test(text), 'key id');
  return unhex(text);
}
function readHash(text) {
  malformed(/^[0-9a-f]{64}$/.test(text), 'hash');
  return unhex(text);
}
const changeLines = (c) => ['parley-change v1', `line ${hex(c.line)}`, `party ${c.party}`, `number ${c.number}`, `before ${hex(c.before)}`,
  ...c.leave.map((l) => `leave ${hex(l.id)} ${l.name}`), ...c.join.map((o) => `join ${b64(o.key)} ${o.desks.join(',')} ${o.name}`),
  ...c.keys.map((k) => `key ${k.role} ${b64(k.key)}`),
  ...c.compromised.flatMap((k) => [`compromised ${k.role} ${hex(k.id)} ${k.since}`, ...k.notice]), `after ${hex(c.after)}`];

/** §2. A name in the words of a notice is checked against the officer when the change is applied. */
export function readChange(bytes) {
  const cursor = readLines(bytes, 'parley-change v1', MAX_BODY);
  const c = { line: readHash(cursor.take('line')), party: cursor.take('party') };
  checkParty(c.party);
  c.number = decimal(cursor.take('number'), 1, 1024);
  c.before = readHash(cursor.take('before'));
  c.leave = cursor.many('leave', () => {
    const [id, name] = cursor.fields('leave', 2);
    checkOfficerName(name);
    return { id: readId(id), name };
  });
  c.join = cursor.many('join', () => readOfficer(cursor.take('join'), c.party));
  c.keys = cursor.many('key', () => {
    const [role, key] = cursor.fields('key', 2);
    malformed(ROLES.includes(role), `role ${role}`);
    return { role, key: readKey(key) };
  });
  c.compromised = cursor.many('compromised', () => {
    const [role, id, since] = cursor.fields('compromised', 3);
    malformed(role === 'officer' || ROLES.includes(role), `role ${role}`);
    const k = { role, id: readId(id), since: decimal(since, 1, MAX_NUMBER) };
    k.notice = [`doubt ${cursor.take('doubt')}`, `stays ${cursor.take('stays')}`];
    // The document alone shows the form of the words; whose name it must be is known when it is applied.
    k.name = role === 'officer' ? /^doubt whether officer (.*) approved what this key signed in /.exec(k.notice[0])?.[1] : undefined;
    malformed(k.notice.join() === noticeLines(k, c.party, k.name).join(), 'a notice in other words');
    return k;
  });
  c.after = readHash(cursor.take('after'));
  cursor.end();
  const { leave, join, keys, compromised } = c;
  malformed(leave.length + join.length + keys.length + compromised.length > 0, 'nothing changes');
  malformed(Math.max(leave.length, join.length, compromised.length) <= MAX_ACTS, 'too many acts');
  malformed(ascending(leave, (l) => l.name) && ascending(join, (o) => o.name) && ascending(keys, (k) => k.role) && ascending(compromised, (k) => k.id), 'not sorted');
  mustPrint(bytes, changeLines(c), 'the change');
  for (const { key } of [...join, ...keys]) checkKeyOrder(key);
  return c;
}

/** §3, rules 2 to 5, on the state of content.mjs: gives the state that results. `n` is the number of the entry. */
export function applyChange(state, c, n) {
  const { side, roster, party } = state;
  change(equal(c.line, roster.lineId) && c.party === party, 'of another line or party');
  change(c.number === state.changes + 1, `number ${c.number}`);
  change(equal(c.before, sideHash(side)), 'made for another side');
  const ended = [...state.ended];
  let officers = side.officers;
  for (const l of c.leave) {
    const officer = officers.find((o) => equal(o.id, l.id) && o.name === l.name);
    change(officer, `${l.name} is no officer under that key`);
    officers = officers.filter((o) => o !== officer);
    ended.push({ role: 'officer', id: officer.id, name: officer.name, key: officer.key });
  }
  const peer = peerOf(roster, party);
  const everKeys = [...(state.everKeys ?? keysOf(side).map((k) => hex(k.key)))];
  const taken = new Set([...everKeys, ...keysOf(peer).map((k) => hex(k.key))]);
  for (const { key } of [...c.join, ...c.keys]) {
    change(!taken.has(hex(key)), 'a key that is not new');
    taken.add(hex(key));
    everKeys.push(hex(key));
  }
  for (const { role } of c.keys) ended.push({ role, id: keyId(role, side[property(role)]), key: side[property(role)] });
  officers = [...officers, ...c.join].sort((a, b) => compare(a.name, b.name));
  const next = { ...side, officers, ...Object.fromEntries(c.keys.map((k) => [property(k.role), k.key])) };
  try {
    checkSide(next);
    checkKeys(next, peer);
  } catch (e) { change(false, e.message); }
  change(inReach(next, roster.terms), 'a quorum is out of reach');
  for (const k of c.compromised) {
    const key = ended.find((e) => e.role === k.role && equal(e.id, k.id));
    change(key && k.since <= n && (key.since === undefined || k.since < key.since) && key.name === k.name, `compromised ${hex(k.id)}`);
    ended[ended.indexOf(key)] = { ...key, since: k.since };
  }
  change(equal(c.after, sideHash(next)), 'it makes another side');
  return { side: next, changes: c.number, ended, everKeys };
}
