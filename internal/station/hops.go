package station

import (
	"crypto/ed25519"
	"slices"

	"parley/roster"
	"parley/wire"
)

// Hops are the hop keys with which the two gateways of a line know each other
// now, each list with the newest key first and never empty.
type Hops struct {
	// Own are those of ours that the other side may take: the one it is known to
	// hold, and any that came in its place since (spec/CHANGE.md §6).
	Own []ed25519.PublicKey
	// Peer are the other side's: all that it ever had, but for those it says are
	// compromised.
	Peer []ed25519.PublicKey
}

// tellHops tells whoever keeps the channels which hop keys count, if that changed.
func (l *Line) tellHops() error {
	if l.tell == nil {
		return nil
	}
	h := hopsOf(l.st.history, l.self, l.peer, l.st.own.cosignedSize)
	same := func(a, b []ed25519.PublicKey) bool {
		return slices.EqualFunc(a, b, func(a, b ed25519.PublicKey) bool { return a.Equal(b) })
	}
	if same(h.Own, l.hops.Own) && same(h.Peer, l.hops.Peer) {
		return nil
	}
	l.hops = h
	return l.tell(h)
}

// hopsOf returns the hop keys that count when the other side has proved to hold
// the first proved entries of ours.
func hopsOf(h *roster.History, self, peer roster.Side, proved uint64) (out Hops) {
	add := func(list []ed25519.PublicKey, key ed25519.PublicKey) []ed25519.PublicKey {
		if slices.ContainsFunc(list, func(k ed25519.PublicKey) bool { return k.Equal(key) }) {
			return list
		}
		return append(list, key)
	}
	for _, v := range slices.Backward(h.Versions(self.Party)) {
		out.Own = add(out.Own, v.Side.Hop)
		if v.From <= proved+1 {
			break // the other side has applied it
		}
	}
	for _, v := range slices.Backward(h.Versions(peer.Party)) {
		if _, compromised := h.Doubt(peer.Party, roster.KeyID(roster.RoleHop, v.Side.Hop), wire.MaxNumber); !compromised {
			out.Peer = add(out.Peer, v.Side.Hop)
		}
	}
	return out
}
