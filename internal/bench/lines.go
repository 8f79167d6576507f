package bench

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"parley"
	"parley/internal/home"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/roster"
)

// manyLines measures what one idle station with n confirmed lines, each of one
// tcp channel whose other side is never there, needs of memory, and how long it
// takes to be ready.
func manyLines(b *Bench, n int) error {
	return b.inFolder(func(dir string) error {
		h, err := newHomeOf(dir, n)
		if err != nil {
			return err
		}
		rss, took, err := b.serve(h, 5*time.Second)
		if err != nil {
			return err
		}
		b.set("lines", float64(n))
		b.set("lines_start_s", took.Seconds())
		b.set("lines_rss_mb", rss)
		if n == 1000 {
			b.set("lines_1000_rss_mb", rss)
		}
		return nil
	})
}

// newHomeOf makes a party's folder with n confirmed lines. It signs this side's
// cards itself: the ceremony opens the root key with its passphrase, and writes
// the private half of each prekey durably, once for each line, which takes
// minutes for a thousand. A station keeps neither in memory.
func newHomeOf(dir string, n int) (*home.Home, error) {
	pass, err := keyring.NewPassphrase([]byte("a passphrase of the benchmark"))
	if err != nil {
		return nil, err
	}
	h, err := home.Init(filepath.Join(dir, "north"), home.InitOptions{Party: "north", Root: pass})
	if err != nil {
		return nil, err
	}
	us, err := sideOf(h, pass)
	if err != nil {
		return nil, err
	}
	root, err := keyring.UnlockRoot(filepath.Join(h.Keys(), keyring.RootFile), pass)
	if err != nil {
		return nil, err
	}
	us.Root = root.Public().(ed25519.PublicKey)
	terms := roster.DefaultTerms()
	terms.Quorum[parley.Flash] = 1
	for i := range n {
		them, err := newIdentity(parley.Party(fmt.Sprintf("south-%d", i+1)))
		if err != nil {
			return nil, err
		}
		if _, err := rand.Read(us.Log[:]); err != nil {
			return nil, err
		}
		card, err := roster.NewCard(us, root)
		if err != nil {
			return nil, err
		}
		terms.Channels = []roster.Channel{{Name: "cable", Kind: roster.TCP, Listener: them.party, Address: "127.0.0.1:1"}}
		if err := confirmLine(h, card, them, terms); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// sideOf is what a folder's party says of itself on a card, but for the log and
// the root key.
func sideOf(h *home.Home, pass keyring.Passphrase) (side roster.Side, err error) {
	if _, err := h.AddOfficer("officer", []string{"duty"}, pass); err != nil {
		return side, err
	}
	officer, err := keyring.UnlockOfficer(h.Keys(), "officer", pass)
	if err != nil {
		return side, err
	}
	keys, err := keyring.UnlockStation(h.Keys(), keyring.PlainFile())
	if err != nil {
		return side, err
	}
	public, desk := keys.Public(), parley.Desk(h.Party()+"/duty")
	side = roster.Side{
		Party: h.Party(), Language: "en", Desks: []parley.Desk{desk},
		LogKey: public.Log, Station: public.Station, Receipt: public.Receipt, Hop: public.Hop,
		Officers: []roster.Officer{{Name: "officer", Key: officer.Public().(ed25519.PublicKey), Desks: []parley.Desk{desk}}},
	}
	prekeys := &secrets{values: map[string][]byte{}}
	side.Prekeys, side.LastResort, err = station.NewPrekeys(prekeys, side.Log, parley.TimeOf(time.Now()))
	return side, err
}

// confirmLine goes through the ceremony of one line from our card on.
func confirmLine(h *home.Home, card []byte, them identity, terms roster.Terms) error {
	invite, err := roster.Invite(card, them.party, terms)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(h.InvitePath(them.party)), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(h.InvitePath(them.party), invite, 0o600); err != nil {
		return err
	}
	accept, r, err := roster.Accept(invite, them.card)
	if err != nil {
		return err
	}
	if _, err := h.Receive(string(them.party), accept); err != nil {
		return err
	}
	return h.Confirm(string(them.party), r.Words(), time.Now())
}
