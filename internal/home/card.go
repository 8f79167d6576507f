package home

import (
	"crypto/rand"
	"fmt"
	"time"

	"parley"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/roster"
)

// card makes this side's card for one line on these terms: a new log, a new
// batch of prekeys, and the keys and officers as they are now, signed by the root
// key; pq says whether with a key that cosigns by ML-DSA-44.
func (h *Home) card(key RootKey, terms roster.Terms, pq bool, now time.Time) ([]byte, error) {
	if len(h.config.Officers) == 0 {
		return nil, fmt.Errorf("%s has no officer yet, so nobody could release: run parley officer add", h.Party())
	}
	root, err := h.signsCards(key)
	if err != nil {
		return nil, err
	}
	keys, err := h.station()
	if err != nil {
		return nil, err
	}
	secrets, err := keyring.OpenEpochs(h.keys(), keys)
	if err != nil {
		return nil, err
	}
	side := roster.Side{Party: h.Party(), Language: h.config.Language, Desks: h.desksOf(h.config.desks())}
	side.Root = publicOf(root)
	if _, err := rand.Read(side.Log[:]); err != nil {
		return nil, err
	}
	public := keys.Public()
	side.LogKey, side.Station, side.Receipt, side.Hop = public.Log, public.Station, public.Receipt, public.Hop
	if terms.Deniably() {
		own, err := h.deniableKey()
		if err != nil {
			return nil, err
		}
		side.Deniable = own.Public()
	}
	if pq && terms.Evidence != roster.Deniable {
		own, err := h.receiptPQ()
		if err != nil {
			return nil, err
		}
		side.ReceiptPQ = own.Bytes()
	}
	for _, o := range h.config.Officers {
		key, err := publicKey(o.Key)
		if err != nil {
			return nil, err
		}
		side.Officers = append(side.Officers, roster.Officer{Name: o.Name, Key: key, Desks: h.desksOf(o.Desks)})
	}
	if side.Prekeys, side.LastResort, err = station.NewPrekeys(secrets, side.Log, parley.TimeOf(now)); err != nil {
		return nil, err
	}
	return roster.NewCard(side, root)
}

// desksOf returns desks of this party by their full names.
func (h *Home) desksOf(names []string) []parley.Desk {
	out := make([]parley.Desk, 0, len(names))
	for _, n := range names {
		out = append(out, parley.Desk(string(h.Party())+"/"+n))
	}
	return out
}
