package station

import (
	"crypto"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"parley"
	"parley/internal/journal"
	"parley/link"
	"parley/receipt"
	"parley/roster"
	"parley/wire"
)

// ErrNoKey is returned where this station does not hold the private half of a key
// that it has to sign with.
var ErrNoKey = errors.New("the private key is not held here")

// private returns the private half of a station, receipt or log key of ours.
func (l *Line) private(role roster.Role, public ed25519.PublicKey) (crypto.Signer, error) {
	first := l.cfg.Keys.Station()
	switch role {
	case roster.RoleReceipt:
		first = l.cfg.Keys.Receipt()
	case roster.RoleLog:
		first = l.cfg.Keys.Log()
	}
	if k, ok := first.Public().(ed25519.PublicKey); ok && k.Equal(public) {
		return first, nil
	}
	if l.cfg.Later != nil {
		if k, ok := l.cfg.Later(role, public); ok {
			return k, nil
		}
	}
	return nil, fmt.Errorf("%s key %s: %w: put its file back", role, roster.KeyID(role, public), ErrNoKey)
}

// signer returns the private half of our key of a role that is in force in h.
func (l *Line) signer(h *roster.History, role roster.Role) (crypto.Signer, error) {
	now, _ := h.Now(l.cfg.Party)
	return l.private(role, now.Key(role))
}

// holds returns ErrNoKey if h has a key of ours of one of the roles in force that
// nothing can be signed with here.
func (l *Line) holds(h *roster.History, roles ...roster.Role) error {
	for _, role := range roles {
		if _, err := l.signer(h, role); err != nil {
			return err
		}
	}
	now, _ := h.Generation(l.cfg.Party, wire.MaxNumber)
	_, err := l.private(roster.RoleLog, now.Key) // until the next generation
	return err
}

// signing are the roles of keys without which a station signs nothing.
var signing = [...]roster.Role{roster.RoleStation, roster.RoleLog, roster.RoleReceipt}

// receiptless returns ErrNoKey if our receipt key in force is not held here and our log
// was renewed after a restore: it was made after the backup of which this station was
// restored, and is lost. The line goes on without receipts, so that officers can bring
// another key. A log that goes on by another log key was not restored: its station holds
// every key that it brought, or does not start.
func (l *Line) receiptless(h *roster.History) error {
	if l.gens.restore == 0 {
		return nil
	}
	_, err := l.signer(h, roster.RoleReceipt)
	return err
}

// voices are the station keys of ours by which what has no place in a log may have
// to be signed: the one that the other side is proved to know, last, and before it
// those that came in its place since, the newest first (spec/CHANGE.md §6).
func (s *state) voices(party parley.Party) []ed25519.PublicKey {
	var keys []ed25519.PublicKey
	for _, t := range s.history.Terms(party, roster.RoleStation) {
		keys = append(keys, t.Key)
		if t.From <= s.own.cosignedSize+1 {
			break
		}
	}
	return keys
}

// Drafted returns the station, receipt and log keys that the drafts of a line would bring,
// which need not have been added yet: their private halves will be asked for.
func (s *Station) Drafted(line parley.LineID) (keys []ed25519.PublicKey, err error) {
	rows, err := s.cfg.Journal.Drafts(line)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		c, err := changeIn(r.Content)
		if errors.Is(err, errNoChange) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("draft %s in the journal: %w", r.ID, err)
		}
		for _, k := range c.Keys {
			if k.Role == roster.RoleStation || k.Role == roster.RoleReceipt || k.Role == roster.RoleLog {
				keys = append(keys, k.Key)
			}
		}
	}
	return keys, nil
}

// tellNeeds tells whoever keeps our private keys which of them the line may still
// have to sign with, if that changed.
func (l *Line) tellNeeds() error {
	if l.needs == nil {
		return nil
	}
	now, _ := l.st.history.Now(l.cfg.Party)
	keys := append(append(l.st.voices(l.cfg.Party), now.Receipt), l.st.logKeys(l.cfg.Party)...)
	if slices.EqualFunc(keys, l.needed, func(a, b ed25519.PublicKey) bool { return a.Equal(b) }) {
		return nil
	}
	l.needed = keys
	return l.needs(keys)
}

// torn reports whether nobody can say which of our voices the other side takes: one
// of them is compromised, and the other side may have been told or not.
func (l *Line) torn() bool {
	voices := l.st.voices(l.cfg.Party)
	return slices.ContainsFunc(voices[1:], func(k ed25519.PublicKey) bool {
		_, told := l.st.history.Doubt(l.cfg.Party, roster.KeyID(roster.RoleStation, k), wire.MaxNumber)
		return told
	})
}

// nextVoice returns the station key by which we speak next: the newest, or while nobody can say which one the other side
// takes, each in turn, of which tries keeps count.
func (l *Line) nextVoice(tries *int) (crypto.Signer, error) {
	voices := l.st.voices(l.cfg.Party)
	at := len(voices) - 1
	if l.torn() {
		at -= *tries % len(voices)
		*tries++
	}
	return l.private(roster.RoleStation, voices[at])
}

// voice returns the station key that signs what goes under an epoch of ours.
func (l *Line) voice(e *ownEpoch) (crypto.Signer, error) {
	voices := l.st.voices(l.cfg.Party)
	if l.torn() && slices.ContainsFunc(voices, func(k ed25519.PublicKey) bool { return k.Equal(e.by) }) {
		return l.private(roster.RoleStation, e.by)
	}
	return l.private(roster.RoleStation, voices[len(voices)-1])
}

// isBy reports whether a signer is of this public key.
func isBy(s crypto.Signer, key ed25519.PublicKey) bool {
	k, ok := s.Public().(ed25519.PublicKey)
	return ok && k.Equal(key)
}

const (
	firstTurnover = parley.Time(10_000)  // milliseconds that an epoch is given while we are torn
	lastTurnover  = parley.Time(600_000) // the most, after many
)

// turnover asks for another epoch where the other side was proved to know our new
// station key, or may not take the one that opened the last.
func (t *turn) turnover(was state) {
	l := t.l
	s := &l.sealer
	switch {
	case len(was.voices(l.cfg.Party)) > len(l.st.voices(l.cfg.Party)) && was.own.cosignedSize < l.st.own.cosignedSize:
		s.turnover = 0
		// What a carrier is on its way with is by the old key, and may be refused when it
		// comes: it is asked anew, by the new one.
		t.events = append(t.events, link.Rotate{}, link.CheckNow{})
	case !l.torn():
		s.turnover = 0
	case s.turnover == 0:
		s.turnover, s.turned = firstTurnover, t.now
	case t.now >= s.turned+s.turnover || t.now < s.turned:
		s.turnover, s.turned = min(2*s.turnover, lastTurnover), t.now
		t.events = append(t.events, link.Rotate{})
	}
}

// errFormer is a statement by a station key of theirs that was ended and is taken
// no more.
var errFormer = errors.New("signed with a station key that was ended")

// theirKey returns the station key of theirs that signed what has no place in a
// log, if it is taken now: an error that wraps errFormer says that it was, and
// receipt.ErrUnknownKey that it never was as far as is known (spec/CHANGE.md §6).
func (t *turn) theirKey(signed []byte) (ed25519.PublicKey, error) {
	s, err := wire.ParseSigned1(signed)
	if err != nil {
		return nil, err
	}
	later := false // something by a later key was taken
	terms := t.next.history.Terms(t.l.peer.Party, roster.RoleStation)
	for _, term := range terms {
		id := roster.KeyID(roster.RoleStation, term.Key)
		if id == s.Key {
			if ended := term.Ended != (roster.Place{}); ended && (later || t.toldStolen(id)) {
				return term.Key, fmt.Errorf("key %s: %w", id, errFormer)
			}
			return term.Key, nil
		}
		later = later || id == t.l.heardKey
	}
	return nil, fmt.Errorf("key %s: %w", s.Key, receipt.ErrUnknownKey)
}

// toldStolen reports whether they said that this key is compromised, in an entry
// that we have cosigned: so they can know that we know.
func (t *turn) toldStolen(id parley.KeyID) bool {
	return slices.ContainsFunc(t.next.history.Versions(t.l.peer.Party), func(v roster.Version) bool {
		return v.Change != nil && v.From <= t.next.peer.cosignedSize+1 &&
			slices.ContainsFunc(v.Change.Thefts, func(c roster.Compromise) bool { return c.Key == id })
	})
}

// heardBy notes that something by a station key of theirs was taken. Those before
// it are taken no more, after a restart neither.
func (t *turn) heardBy(key ed25519.PublicKey) {
	terms := t.next.history.Terms(t.l.peer.Party, roster.RoleStation)
	id := roster.KeyID(roster.RoleStation, key)
	if id == t.l.heardKey || terms[len(terms)-1].Key.Equal(key) {
		return
	}
	t.write(func(tx *journal.Tx) error { return tx.SetMeta(t.l.metaKey("heard-key"), id[:]) })
	t.after(func() { t.l.heardKey = id })
}

// loadHeardKey restores what heardBy keeps.
func (l *Line) loadHeardKey() error {
	b, err := l.journal.Meta(l.metaKey("heard-key"))
	if errors.Is(err, journal.ErrNotFound) {
		return nil
	}
	if err == nil && len(b) != len(l.heardKey) {
		return fmt.Errorf("the station key of %s in the journal has %d bytes", l.peer.Party, len(b))
	}
	copy(l.heardKey[:], b)
	return err
}

// takenBack tells people where a change of their receipt key takes back what the
// old one receipted (spec/CHANGE.md §6).
func (t *turn) takenBack(n uint64, c *roster.Change) {
	terms := t.next.history.Terms(t.l.peer.Party, roster.RoleReceipt)
	if len(terms) < 2 || terms[1].Ended.Number != n || terms[1].CountsTo(t.next.own.cosignedSize) {
		return
	}
	t.alarm(fmt.Sprintf("%s has receipted our entries up to %d, and says now, in %s, that it had seen %d: it takes its receipts back, or its receipt key was used by others",
		c.Party, t.next.own.cosignedSize, MessageName(t.next.history, c.Party, n), terms[1].Ended.Seen))
}

// ownPlace returns where entry n of ours stands.
func (t *turn) ownPlace(rec journal.Record) (roster.Place, error) {
	h, err := wire.ParseEntryHeader(rec.Entry)
	if err != nil {
		return roster.Place{}, fmt.Errorf("entry %d in the journal: %w", rec.Number, err)
	}
	return t.next.history.Place(t.l.cfg.Party, h), nil
}
