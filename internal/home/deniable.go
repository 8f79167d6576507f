package home

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"parley/deniable"
	"parley/internal/durable"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/roster"
	"parley/seal"
	"parley/wire"
)

// ErrAttributable is returned for the deniable line of parties who agreed on
// none.
var ErrAttributable = errors.New("everything on this line is attributable: the charter has no deniable messages")

// deniableSuffix follows the name of a line in that of the deniable line which
// its parties derive (spec/DENIABLE.md §2). Its roster is kept in the folder of
// that name.
const deniableSuffix = "/deniable"

// DeniableName returns the name of the deniable line of the parties of a line.
func DeniableName(line string) string { return line + deniableSuffix }

// deniableKey returns this party's deniable key, made when it is needed first.
func (h *Home) deniableKey() (keyring.Deniable, error) {
	protect, err := h.protection()
	if err != nil {
		return keyring.Deniable{}, err
	}
	k, err := keyring.UnlockDeniable(h.keys(), protect)
	if errors.Is(err, keyring.ErrNotFound) {
		return keyring.CreateDeniable(h.keys(), protect)
	}
	return k, err
}

// derived returns the deniable line of an agreed one.
func (h *Home) derived(agreed *roster.Roster) (*deniable.Line, error) {
	protect, err := h.protection()
	if err != nil {
		return nil, err
	}
	own, err := keyring.UnlockDeniable(h.keys(), protect)
	if err != nil {
		return nil, err
	}
	self, _ := agreed.Side(h.Party())
	if string(self.Deniable) != string(own.Public()) {
		return nil, fmt.Errorf("%w: put the right %s back, or agree on the line anew", ErrKeys, keyring.DeniableFile)
	}
	return deniable.New(agreed, h.Party(), own)
}

// derive keeps the derived roster of a line among its papers, where the terms
// have one, for who verifies an export or reads what is to be said.
func (h *Home) derive(line string, agreed *roster.Roster) error {
	if !agreed.Terms.Deniably() {
		return nil
	}
	d, err := h.derived(agreed)
	if err != nil {
		return err
	}
	name := DeniableName(line)
	if err := durable.Folder(filepath.Join(h.dir, "lines", name)); err != nil {
		return err
	}
	return durable.Replace(h.paper(name, paperRoster), d.Roster().Text())
}

// deniableLine returns the deniable line beside, or in the place of, an agreed one.
func (h *Home) deniableLine(agreed string) (LineState, error) {
	s, err := h.Line(agreed)
	if err != nil || s.Roster == nil {
		return s, err
	}
	if !s.Roster.Terms.Deniably() {
		return s, fmt.Errorf("%s: %w", agreed, ErrAttributable)
	}
	s.Name, s.Deniable = DeniableName(agreed), true
	text, err := os.ReadFile(h.paper(s.Name, paperRoster))
	if err != nil {
		return s, err
	}
	if s.Roster, err = roster.ParseRoster(text); err != nil {
		return s, fmt.Errorf("%s: %w", h.paper(s.Name, paperRoster), err)
	}
	return s, nil
}

// withDeniable returns lines and, behind them, the deniable ones of their parties.
func (h *Home) withDeniable(lines []LineState) ([]LineState, error) {
	out := slices.Clone(lines)
	for _, l := range lines {
		if l.Roster == nil || !l.Roster.Terms.Deniably() {
			continue
		}
		d, err := h.deniableLine(l.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// addDeniable gives the station the deniable line of an agreed one, of which c
// is the configuration, and that one too unless all of it is deniable.
func (h *Home) addDeniable(s *station.Station, r *routes, l LineState, c station.LineConfig) error {
	d, err := h.derived(l.Roster)
	if err != nil {
		return err
	}
	kept, err := h.Line(DeniableName(l.Name))
	if err != nil {
		return err
	}
	if kept.Roster.Line != d.Roster().Line {
		return fmt.Errorf("%s is not the roster that these papers derive: %w", h.RosterPath(kept.Name), ErrKeys)
	}
	meet, err := h.meet(l.Name)
	if err != nil {
		return err
	}
	self, _ := meet.Side(h.Party())
	c.LastResort = seal.PrekeyHash(self.LastResort)
	off := station.LineConfig{
		Deniable: d, LastResort: c.LastResort, Quota: c.Quota, Routes: c.Routes,
		Prekeys: wire.Prekeys{Line: d.Roster().Line, From: c.Prekeys.From, LastResort: c.Prekeys.LastResort},
	}
	if l.Roster.Terms.Evidence == roster.Deniable {
		own, _ := l.Roster.Side(h.Party())
		peer, _ := l.Roster.Peer(h.Party())
		// Nobody changes a hop key on a deniable line: those agreed on stay.
		if err := c.Hops(station.Hops{Own: []ed25519.PublicKey{own.Hop}, Peer: []ed25519.PublicKey{peer.Hop}}); err != nil {
			return err
		}
	} else if off.Beside, err = s.AddLine(c); err != nil {
		return err
	}
	_, err = s.AddLine(off)
	return err
}
