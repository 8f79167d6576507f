// DENIABLE §2: the derived line, which both parties compute and neither can show as evidence.
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, must } from './bytes.mjs';
import { largestQuorum, makeRoster, peerOf, sideOf } from './roster.mjs';

const GROUP = 8; // desks that one group of officers may release for

/** The derived roster of an agreed one, from the private deniable key of one party. */
export function derive(agreed, privateKey) {
  const own = agreed.sides.find((s) => s.deniable && Buffer.compare(s.deniable, x25519.getPublicKey(privateKey)) === 0);
  must(own, 'deniable', 'the key is of no party');
  const shared = x25519.getSharedSecret(privateKey, peerOf(agreed, own.party).deniable);
  const prk = extract(sha256, shared, agreed.lineId);
  const K = (use, party, n) => expand(sha256, prk, concat('parley/v1/deniable\0', use, '\0', party), n);
  const sides = agreed.sides.map(({ party, language, desks, deniable }) => {
    const key = (use) => ed25519.getPublicKey(K(use, party, 32));
    const officers = [], quorum = largestQuorum(agreed.terms);
    for (let i = 0; i < desks.length; i += GROUP) {
      for (let n = 0; n < quorum; n++) {
        const name = `officer ${String(officers.length + 1).padStart(2, '0')}`;
        officers.push({ key: key(name), desks: desks.slice(i, i + GROUP), name });
      }
    }
    return { party, language, log: K('log', party, 16), root: key('root'), logKey: key('log key'), station: key('station'), receipt: key('receipt'), hop: key('hop'), deniable, desks, officers };
  });
  const derived = makeRoster({ ...agreed.terms, evidence: 'deniable' }, ...sides);
  must(sideOf(derived, own.party), 'deniable', 'the derived roster');
  return derived;
}
