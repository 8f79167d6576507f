package console

import (
	"context"
	"errors"
	"slices"
	"time"

	"parley/internal/api"
)

// kept is how many of the newest messages of a line are looked through for what is
// not done; recent is how many of them are asked for again after news.
const (
	kept   = 1000
	recent = 100
)

// asker asks the station how its lines stand. It keeps the messages that it knows,
// so that after news only the newest and the unsettled ones are asked for.
type asker struct {
	client *api.Client
	known  map[string][]api.Message // by line; in their order of arrival
}

func newAsker(c *api.Client) *asker { return &asker{client: c, known: map[string][]api.Message{}} }

// all returns every line of the station; with anew, nothing that was known before
// is relied on.
func (a *asker) all(ctx context.Context, anew bool) ([]Line, error) {
	names, err := a.client.Lines(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Line, 0, len(names))
	for _, n := range names {
		l, err := a.line(ctx, n.Name, anew)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

// line returns one line.
func (a *asker) line(ctx context.Context, name string, anew bool) (l Line, err error) {
	l.Name = name
	if l.Status, err = a.client.Status(ctx, name); err != nil {
		return l, err
	}
	if l.Drafts, err = a.client.Drafts(ctx, name); err != nil {
		return l, err
	}
	old := a.known[name]
	limit := recent
	if anew || len(old) == 0 {
		old, limit = nil, kept
	}
	newest, err := a.client.Messages(ctx, name, api.List{Newest: true, Limit: limit})
	if err != nil {
		return l, err
	}
	slices.Reverse(newest)
	if len(newest) == limit && len(old) > 0 && newest[0].Seq > old[len(old)-1].Seq+1 {
		return a.line(ctx, name, true) // more came than was asked for
	}
	all := merge(old, newest)
	if err := a.unsettled(ctx, name, all[:max(0, len(all)-len(newest))]); err != nil {
		return l, err
	}
	l.Messages, l.Cut = all, len(all) == kept && all[0].Seq > 1
	a.known[name] = all
	return l, nil
}

// merge returns what was known with what is newest in its place.
func merge(old, newest []api.Message) []api.Message {
	if len(newest) > 0 {
		i, _ := slices.BinarySearchFunc(old, newest[0].Seq, func(m api.Message, seq uint64) int {
			switch {
			case m.Seq < seq:
				return -1
			case m.Seq > seq:
				return 1
			}
			return 0
		})
		old = old[:i]
	}
	all := slices.Concat(old, newest)
	return all[max(0, len(all)-kept):]
}

// askedAgain bounds the older messages that are asked for one by one.
const askedAgain = 50

// unsettled asks again for older messages of which more can become known: ours
// that the other side has not proved to hold. Those that wait the longest first.
func (a *asker) unsettled(ctx context.Context, line string, older []api.Message) error {
	left := askedAgain
	for i, m := range older {
		if !m.Mine || m.Receipted || m.Disputed != "" || left == 0 {
			continue
		}
		left--
		now, err := a.client.Message(ctx, line, PartyOf(m), m.Number)
		if err != nil {
			return err
		}
		older[i] = now
	}
	return nil
}

// retryEvery is how often a station that does not answer is tried.
const retryEvery = time.Second

// news is what listening brings: an event, that the station began to answer, or
// that it does not.
type news struct {
	event     api.Event
	connected bool
	gone      error
}

// listen sends the station's news to out until ctx ends, over its deaths and returns.
func listen(ctx context.Context, c *api.Client, out chan<- news) {
	send := func(n news) error {
		select {
		case out <- n:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	again := time.NewTicker(retryEvery)
	defer again.Stop()
	for ctx.Err() == nil {
		err := c.Events(ctx, func() error { return send(news{connected: true}) }, func(e api.Event) error { return send(news{event: e}) })
		if ctx.Err() != nil || send(news{gone: err}) != nil {
			return
		}
		select {
		case <-ctx.Done():
		case <-again.C:
		}
	}
}

// over reports whether err says no more than that ctx ended.
func over(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, ctx.Err())
}
