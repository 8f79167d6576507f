package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"parley"
	"parley/internal/api"
)

// Said is a message that left, as its sender knows it.
type Said struct {
	Text
	Precedence parley.Precedence
	Draft      string // the draft's id
	Number     uint64 // in the sender's log
	// Released is when the last officer's approval was handed to the station.
	Released time.Time
	// LookedUp is set if the station died before it answered, and the message
	// was found afterwards by its draft's id.
	LookedUp bool
}

// answerLimit is how long a station may be away, unless said otherwise, before
// a release gives up.
const answerLimit = 60 * time.Second

// Release drafts a text and has it approved by as many officers as the charter
// asks for. If the station dies before it answers, Release waits until it is
// back and finds out by the draft's id what became of it, so that nothing is
// said twice. There must be one Release at a time on a side.
func (s *Side) Release(ctx context.Context, t Text, p parley.Precedence) (Said, error) {
	said := Said{Text: t, Precedence: p}
	d, err := s.draft(ctx, said)
	if err != nil {
		return said, fmt.Errorf("draft at %s: %w", s.Party, err)
	}
	said.Draft = d.ID
	for {
		name, err := s.approve(ctx, &said, d)
		if err == nil {
			said.Number, err = s.number(name)
			return said, err
		}
		if !unanswered(err) || ctx.Err() != nil {
			return said, fmt.Errorf("approve draft %s at %s: %w", d.ID, s.Party, err)
		}
		if err := s.await(ctx, s.patience); err != nil {
			return said, err
		}
		now, err := s.client.DraftByID(ctx, s.Line(), d.ID)
		switch {
		case missing(err):
			// A draft that was not withdrawn and is not there any more was released.
			said.LookedUp = true
			said.Number, err = s.find(ctx, d.ID)
			if !unanswered(err) {
				return said, err
			}
		case err == nil:
			d = now // it waits still: go on with the officers who are missing
		case !unanswered(err):
			return said, err
		}
	}
}

// draft keeps the text at the station. What a station that died may have kept
// of an earlier try is withdrawn: it was never shown to an officer.
func (s *Side) draft(ctx context.Context, m Said) (api.Draft, error) {
	for {
		d, err := s.client.Draft(ctx, s.Line(), api.DraftRequest{
			From: s.desk(), To: []string{s.addressee()}, Precedence: m.Precedence.String(), Language: m.Language, Body: m.Body,
		})
		if !unanswered(err) || ctx.Err() != nil {
			return d, err
		}
		if err := s.await(ctx, s.patience); err != nil {
			return d, err
		}
		left, err := s.client.Drafts(ctx, s.Line())
		for _, l := range left {
			if err == nil {
				err = s.client.Withdraw(ctx, s.Line(), l.ID)
			}
		}
		if err != nil && !unanswered(err) {
			return d, err
		}
	}
}

// approve has the officers who have not done so approve d, and returns the name
// of the message.
func (s *Side) approve(ctx context.Context, said *Said, d api.Draft) (name string, err error) {
	for _, o := range s.officers {
		if len(d.Approved) >= d.Quorum {
			break
		}
		if slices.Contains(d.Approved, o.name) {
			continue
		}
		said.Released = time.Now()
		a, err := s.client.Approve(ctx, s.Line(), d, o.key)
		if err != nil {
			return "", err
		}
		if a.Released != "" {
			return a.Released, nil
		}
		d = a.Draft
	}
	return "", fmt.Errorf("%d officers approved and it was not released: the charter asks for %d", len(d.Approved), d.Quorum)
}

// number returns the number in the name of a message of this side.
func (s *Side) number(name string) (uint64, error) {
	party, _, n, err := parley.ParseMessageName(name)
	if err == nil && party != s.Party {
		err = fmt.Errorf("%s released %s, which is not its own", s.Party, name)
	}
	return n, err
}

// find returns the number of the message of this side that was released from
// the draft.
func (s *Side) find(ctx context.Context, draft string) (uint64, error) {
	all, err := s.Messages(ctx, api.List{Mine: true})
	if err != nil {
		return 0, err
	}
	for _, m := range all {
		if m.Draft == draft {
			return m.Number, nil
		}
	}
	return 0, fmt.Errorf("draft %s at %s is neither waiting nor released", draft, s.Party)
}

// Messages returns all messages of the line that fit.
func (s *Side) Messages(ctx context.Context, l api.List) (all []api.Message, err error) {
	for l.Limit = 500; ; {
		some, err := s.client.Messages(ctx, s.Line(), l)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
		if len(some) < l.Limit {
			return all, nil
		}
		l.After = some[len(some)-1].Seq
	}
}
