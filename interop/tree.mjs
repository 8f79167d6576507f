// TRANSCRIPT §2, §4: the tree of RFC 6962 §2.1, and its proofs.
import { equal, must, sha } from './bytes.mjs';

const node = (left, right) => sha(Uint8Array.of(1), left, right);
export const EMPTY_ROOT = sha(new Uint8Array());

/** A tree that grows: the roots of its perfect subtrees, the largest first. */
export class Tree {
  constructor() { this.size = 0; this.peaks = []; }
  add(leaf) {
    let hash = leaf;
    for (let n = this.size; n % 2 === 1; n = (n - 1) / 2) hash = node(this.peaks.pop(), hash);
    this.peaks.push(hash);
    this.size++;
  }
  root() {
    return this.size === 0 ? EMPTY_ROOT : this.peaks.reduceRight((right, left) => node(left, right));
  }
}
export function rootOf(leaves) {
  const tree = new Tree();
  leaves.forEach((leaf) => tree.add(leaf));
  return tree.root();
}

const bad = (ok) => must(ok, 'bad proof', 'the proof does not prove it');
/** RFC 6962 §2.1.1, verified as in RFC 9162 §2.1.3.2. */
export function verifyInclusion({ index, size, leaf, root, proof }) {
  must(index < size, 'size', 'the index is beyond the log');
  let fn = BigInt(index), sn = BigInt(size) - 1n, hash = leaf;
  for (const p of proof) {
    bad(sn !== 0n);
    if (fn & 1n || fn === sn) {
      hash = node(p, hash);
      while (!(fn & 1n) && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    } else hash = node(hash, p);
    fn >>= 1n;
    sn >>= 1n;
  }
  bad(sn === 0n && equal(hash, root));
}
/** RFC 6962 §2.1.2, verified as in RFC 9162 §2.1.4.2. */
export function verifyConsistency({ from, fromRoot, to, toRoot, proof }) {
  must(from <= to, 'size', 'backwards');
  if (from === to || from === 0) {
    bad(proof.length === 0 && (from === 0 ? equal(fromRoot, EMPTY_ROOT) : equal(fromRoot, toRoot)));
    return;
  }
  const f = BigInt(from);
  const path = (f & (f - 1n)) === 0n ? [fromRoot, ...proof] : [...proof];
  bad(path.length > 0);
  let fn = f - 1n, sn = BigInt(to) - 1n;
  while (fn & 1n) { fn >>= 1n; sn >>= 1n; }
  let fr = path[0], sr = path[0];
  for (const p of path.slice(1)) {
    bad(sn !== 0n);
    if (fn & 1n || fn === sn) {
      fr = node(p, fr);
      sr = node(p, sr);
      while (!(fn & 1n) && fn !== 0n) { fn >>= 1n; sn >>= 1n; }
    } else sr = node(sr, p);
    fn >>= 1n;
    sn >>= 1n;
  }
  bad(sn === 0n && equal(fr, fromRoot) && equal(sr, toRoot));
}
/** PROOF §3: the leaves [[index, hash], …] stand in the log of this size and root. */
export function verifySet({ size, root, leaves, proof }) {
  const good = leaves.length > 0 && leaves.every(([i], k) => i < size && (k === 0 || leaves[k - 1][0] < i));
  must(good, 'size', 'no leaves, or not ascending below the size');
  let at = 0, next = 0;
  const walk = (a, b) => {
    if (at === leaves.length || leaves[at][0] >= b) {
      bad(next < proof.length);
      return proof[next++];
    }
    if (b - a === 1) return leaves[at++][1];
    let k = 1;
    while (2 * k < b - a) k *= 2;
    const left = walk(a, a + k);
    return node(left, walk(a + k, b));
  };
  bad(equal(walk(0, size), root) && next === proof.length);
}
