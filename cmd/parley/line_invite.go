package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"parley"
	"parley/internal/home"
	"parley/roster"
)

// inviteFlags are the charter that an invite proposes, as it is typed.
type inviteFlags struct {
	channels, quorum, languages []string
	checkEvery, pouchWindow     time.Duration
	evidence, out               string
	noPQ                        bool
}

func (m *Main) lineInvite() *cobra.Command {
	var f inviteFlags
	standard := standardTerms()
	c := &cobra.Command{
		Use:   "invite PARTY --channel … --out FILE",
		Short: "Propose a line and its charter to another party",
		Long: `Writes the file that opens a line: this side's card (keys, desks, officers) and
the charter it proposes. The root key signs it.

A channel is NAME=tcp,LISTENER,HOST:PORT, NAME=quic,LISTENER,HOST:PORT (over UDP:
it stays up when the dialling side changes networks) or NAME=pouch (carried by
hand), with ",narrow" at its end if it is slow. LISTENER is the party that
listens there.

Evidence is what can be proved of what is said. On an attributable line, anybody
can verify who said what. What is said deniably is certain to the two parties, and
worth nothing to others: either could have written it. With
attributable,non-papers a line has both, and each message is the one or the other.

The card has a key that cosigns by ML-DSA-44 as well, so that the record of the line
can be proved when quantum computers break Ed25519; the answer has one if the invite
has. A line that is deniable altogether has none.

A quorum is how many officers must approve: for a precedence (flash, immediate,
priority, routine) or, whatever the precedence, for a kind (text,
acknowledgement). Unless changed, flash takes two officers and all else one, and
one officer acknowledges anything.`,
		Example: examples(
			"parley line invite south --channel cable=tcp,north,192.0.2.1:7700 --channel stick=pouch --out for-south.txt",
			"parley line invite south --channel sat=tcp,south,198.51.100.7:7700,narrow --quorum immediate=2 --out for-south.txt"),
		Args: takes(1, 1),
	}
	c.Flags().StringArrayVar(&f.channels, "channel", nil, "a channel of the line; may be given several times (required)")
	c.Flags().StringArrayVar(&f.quorum, "quorum", nil, "how many officers must approve, as in flash=2; may be given several times")
	c.Flags().StringSliceVar(&f.languages, "language", standard.Languages, "a language that the parties may write in; may be given several times")
	c.Flags().DurationVar(&f.checkEvery, "check-every", standard.CheckEvery, "how often every channel is checked")
	c.Flags().DurationVar(&f.pouchWindow, "pouch-window", standard.PouchWindow, "how long what is carried by hand can be opened")
	c.Flags().StringVar(&f.evidence, "evidence", standard.Evidence, "what can be proved to others: attributable, deniable or attributable,non-papers")
	c.Flags().BoolVar(&f.noPQ, "no-post-quantum", false, "leave out of the card the key that cosigns by ML-DSA-44: for a party whose station is too old to read it")
	c.Flags().StringVar(&f.out, "out", "", "the file to write for the other side (required)")
	root := m.rootFlags(c.Flags())
	return m.inHome(c, func(_ context.Context, h *home.Home, args []string) error {
		to, err := parley.ParseParty(args[0])
		if err != nil {
			return usageError{err}
		}
		terms, err := f.terms()
		if err != nil {
			return usageError{err}
		}
		if err := vacant(f.out); err != nil {
			return err
		}
		key, err := root.key()
		if err != nil {
			return err
		}
		file, err := h.Invite(to, terms, !f.noPQ, key, m.Now())
		if err != nil {
			return fmt.Errorf("invite %s: %w", to, err)
		}
		if err := hand(f.out, file, 0o644); err != nil {
			return hinted{fmt.Errorf("write the invite: %w", err), fmt.Sprintf("the invite is made; copy it from %s", h.InvitePath(to))}
		}
		m.say("The invite for %s is in %s. It proposes:", to, f.out)
		m.charter(terms)
		m.say("")
		m.say("Send the file to %s. When its answer is here: parley line confirm %s --file FILE", to, to)
		return nil
	})
}

// standardTerms is the charter proposed where nothing else is said.
func standardTerms() roster.Terms {
	t := roster.DefaultTerms()
	// Whoever has the watch must be able to answer without waking a second person.
	t.QuorumKind = map[parley.Kind]int{parley.Acknowledgement: 1}
	return t
}

func (f *inviteFlags) terms() (roster.Terms, error) {
	t := standardTerms()
	t.Languages, t.CheckEvery, t.PouchWindow, t.Evidence = f.languages, f.checkEvery, f.pouchWindow, f.evidence
	if f.evidence != roster.Attributable && f.evidence != roster.Deniable && f.evidence != roster.NonPapers {
		return t, fmt.Errorf("--evidence %q: write attributable, deniable or attributable,non-papers", f.evidence)
	}
	if len(f.channels) == 0 {
		return t, fmt.Errorf("--channel is missing: by which routes shall the line run?")
	}
	for _, s := range f.channels {
		c, err := parseChannel(s)
		if err != nil {
			return t, err
		}
		t.Channels = append(t.Channels, c)
	}
	for _, s := range f.quorum {
		if err := parseQuorum(s, &t); err != nil {
			return t, err
		}
	}
	return t, nil
}

func parseChannel(s string) (roster.Channel, error) {
	wrong := fmt.Errorf("--channel %q: write NAME=tcp,LISTENER,HOST:PORT, NAME=quic,LISTENER,HOST:PORT or NAME=pouch, with ,narrow at the end if it is slow", s)
	name, rest, ok := strings.Cut(s, "=")
	if !ok {
		return roster.Channel{}, wrong
	}
	words := strings.Split(rest, ",")
	c := roster.Channel{Name: name, Kind: words[0]}
	if last := len(words) - 1; last > 0 && words[last] == "narrow" {
		c.Narrow, words = true, words[:last]
	}
	switch {
	case c.Dialled() && len(words) == 3:
		c.Listener, c.Address = parley.Party(words[1]), words[2]
	case c.Kind == roster.Pouch && len(words) == 1:
	default:
		return roster.Channel{}, wrong
	}
	return c, nil
}

func parseQuorum(s string, t *roster.Terms) error {
	of, number, ok := strings.Cut(s, "=")
	n, err := strconv.Atoi(number)
	if !ok || err != nil {
		return fmt.Errorf("--quorum %q: write it as in flash=2", s)
	}
	if p, err := parley.ParsePrecedence(of); err == nil {
		t.Quorum[p] = n
		return nil
	}
	for _, k := range kinds {
		if k.String() == of {
			t.QuorumKind[k] = n
			return nil
		}
	}
	return fmt.Errorf("--quorum %q: name a precedence (flash, immediate, priority, routine) or a kind (text, acknowledgement)", s)
}
