package roster

import (
	"bytes"
	"fmt"

	"parley"
)

// agree makes the roster of two sides and their terms, or says what forbids it.
func agree(a, b Side, t Terms) (*Roster, error) {
	r := &Roster{Sides: [2]Side{a, b}, Terms: t}
	if b.Party < a.Party {
		r.Sides = [2]Side{b, a}
	}
	if err := r.check(); err != nil {
		return nil, err
	}
	r.Line = lineOf(r.Text())
	return r, nil
}

// check says what forbids that these sides have a line on these terms.
func (r *Roster) check() error {
	a, b := &r.Sides[0], &r.Sides[1]
	if a.Party == b.Party {
		return fmt.Errorf("party: %w: %s stands on both sides; a party needs a name of its own", ErrParty, a.Party)
	}
	if a.Log == b.Log {
		return fmt.Errorf("log: %w: %s and %s have the same log id %v; draw a new one", ErrKey, a.Party, b.Party, a.Log)
	}
	if err := distinct(append(a.uses(), b.uses()...)); err != nil {
		return err
	}
	if a.ReceiptPQ != nil && bytes.Equal(a.ReceiptPQ, b.ReceiptPQ) {
		return fmt.Errorf("receipt-pq: %w: %s and %s have the same receipt-pq key; make a new one", ErrKey, a.Party, b.Party)
	}
	for i := range r.Sides {
		if err := (&Invited{To: r.Sides[1-i].Party, From: r.Sides[i], Terms: r.Terms}).check(); err != nil {
			return err
		}
	}
	return nil
}

// reach checks that some desk of the side has officers enough for every quorum.
func (s *Side) reach(t Terms) error {
	need, what := t.largestQuorum()
	have := 0
	for _, d := range s.Desks {
		have = max(have, s.speakers(d))
	}
	if have < need {
		return fmt.Errorf("quorum %s %d: %w: no desk of %s has more than %d officers; name more officers for a desk on its card, or lower the quorum",
			what, need, ErrQuorum, s.Party, have)
	}
	return nil
}

// LargestQuorum returns the largest number of officers that any content needs.
func (t Terms) LargestQuorum() int {
	n, _ := t.largestQuorum()
	return n
}

// largestQuorum returns the largest quorum of the terms, and for what it is.
func (t Terms) largestQuorum() (need int, what string) {
	for prec := parley.Flash; prec <= parley.Routine; prec++ {
		if n := t.Quorum[prec]; n > need {
			need, what = n, prec.String()
		}
	}
	for _, k := range kinds {
		if n := t.QuorumKind[k]; n > need {
			need, what = n, k.String()
		}
	}
	return need, what
}
