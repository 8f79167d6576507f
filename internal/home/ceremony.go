package home

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"parley"
	"parley/internal/durable"
	"parley/internal/keyring"
	"parley/roster"
)

// Errors of the ceremony that a caller decides on.
var (
	// ErrNoLine is returned for a line that has no papers here.
	ErrNoLine = errors.New("no line of that name")
	// ErrStep is returned when a step of the ceremony is taken out of order.
	ErrStep = errors.New("not the next step of the key ceremony")
	// ErrWords is returned when the words typed are not the line's: someone
	// changed a file on its way, or the two sides read from different files.
	ErrWords = errors.New("these are not the words of this line")
)

// Step is how far the ceremony of a line has come.
type Step string

// The steps, in order.
const (
	Invited   Step = "waiting for the other side's accept file"
	Compare   Step = "waiting for the words to be compared and confirmed"
	Confirmed Step = "confirmed"
)

// LineState is one line of this party.
type LineState struct {
	Name     string // the other party; of the deniable line, DeniableName of it
	Step     Step
	Roster   *roster.Roster // nil while Invited
	Deniable bool           // what is said on it can be proved to nobody

	starts uint64 // how often the station had been started when it was confirmed
}

// Invite makes the file that opens a line with another party: this side's card
// and the charter it proposes (spec/ROSTER.md §5, step 1).
//
// pq says whether with a key that cosigns by ML-DSA-44, which stations of the first
// versions cannot read on a card. A line that is deniable altogether has none.
func (h *Home) Invite(to parley.Party, terms roster.Terms, pq bool, root RootKey, now time.Time) ([]byte, error) {
	unlock, err := h.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := h.fresh(string(to)); err != nil {
		return nil, err
	}
	card, err := h.card(root, terms, pq, now)
	if err != nil {
		return nil, err
	}
	invite, err := roster.Invite(card, to, terms)
	if err != nil {
		return nil, err
	}
	if err := durable.Folder(filepath.Join(h.dir, "lines", string(to))); err != nil {
		return nil, err
	}
	return invite, durable.Create(h.paper(string(to), paperInvite), invite)
}

// Accept answers an invite with this side's card (step 2). The roster it
// returns is not trusted before Confirm.
func (h *Home) Accept(invite []byte, root RootKey, now time.Time) (file []byte, r *roster.Roster, err error) {
	unlock, err := h.lock()
	if err != nil {
		return nil, nil, err
	}
	defer unlock()
	invited, err := roster.ParseInvite(invite)
	if err != nil {
		return nil, nil, err
	}
	if invited.To != h.Party() {
		return nil, nil, fmt.Errorf("the invite is for %s, and this is %s's station: %w", invited.To, h.Party(), ErrStep)
	}
	name := string(invited.From.Party)
	if err := h.fresh(name); err != nil {
		return nil, nil, err
	}
	// A station that invites without the key may be one that could not read ours.
	card, err := h.card(root, invited.Terms, invited.From.ReceiptPQ != nil, now)
	if err != nil {
		return nil, nil, err
	}
	accept, r, err := roster.Accept(invite, card)
	if err != nil {
		return nil, nil, err
	}
	if err := durable.Folder(filepath.Join(h.dir, "lines", name)); err != nil {
		return nil, nil, err
	}
	for _, p := range []struct {
		name string
		data []byte
	}{{paperInvite, invite}, {paperAccept, accept}, {paperRoster, r.Text()}} {
		if err := durable.Replace(h.paper(name, p.name), p.data); err != nil {
			return nil, nil, err
		}
	}
	return accept, r, h.derive(name, r)
}

// Receive takes the other side's answer to our invite (step 3). The roster it
// returns is not trusted before Confirm.
func (h *Home) Receive(line string, accept []byte) (*roster.Roster, error) {
	state, err := h.Line(line)
	if err != nil {
		return nil, err
	}
	if state.Step == Confirmed {
		return nil, fmt.Errorf("the line with %s is confirmed already: %w", line, ErrStep)
	}
	invite, err := os.ReadFile(h.paper(line, paperInvite))
	if err != nil {
		return nil, err
	}
	r, err := roster.Confirm(invite, accept)
	if err != nil {
		return nil, err
	}
	if peer, ok := r.Peer(h.Party()); !ok || string(peer.Party) != line {
		return nil, fmt.Errorf("the accept file is not of %s: %w", line, ErrStep)
	}
	if err := durable.Replace(h.paper(line, paperAccept), accept); err != nil {
		return nil, err
	}
	if err := durable.Replace(h.paper(line, paperRoster), r.Text()); err != nil {
		return nil, err
	}
	return r, h.derive(line, r)
}

// Confirm records that a person of this side compared the words of the line
// with a person of the other side, by voice or face to face (step 4). words
// are what the other side read aloud. Nothing is trusted before.
func (h *Home) Confirm(line, words string, now time.Time) error {
	state, err := h.Line(line)
	if err != nil {
		return err
	}
	switch state.Step {
	case Invited:
		return fmt.Errorf("the line with %s is %s: %w", line, state.Step, ErrStep)
	case Confirmed:
		return nil
	}
	if err := state.Roster.CheckWords(words); err != nil {
		return fmt.Errorf("%w: %w", ErrWords, err)
	}
	starts, err := keyring.Counter(h.keys()).Load()
	if err != nil {
		return err
	}
	return durable.Create(h.paper(line, paperConfirmed), confirmedText(state, starts, now.UTC().Format(time.RFC3339)))
}

// fresh refuses to begin a ceremony over one that is under way or done.
func (h *Home) fresh(line string) error {
	s, err := h.Line(line)
	if errors.Is(err, ErrNoLine) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("the line with %s is %s: to begin anew, remove %s: %w",
		line, s.Step, filepath.Join(h.dir, "lines", line), ErrStep)
}
