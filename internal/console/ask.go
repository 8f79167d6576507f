package console

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"parley"
	"parley/internal/api"
)

// A lane is a part of a line's messages that is looked through by itself, so that
// what fills one hides nothing of another: however much the other side says, its
// Flash is seen, and what we answered.
type lane struct {
	list   api.List
	kept   int // how many of the newest are looked through
	recent int // how many of them are asked for again after news
}

// kept is how many of the newest messages of a line are looked through for what is
// not done.
const kept = 1000

// lanesOf are the lanes of every line.
func lanesOf() []lane {
	return []lane{
		{api.List{Newest: true}, kept, 100},
		{api.List{Newest: true, Mine: true}, 200, 50},
		{api.List{Newest: true, Precedence: parley.Flash.String()}, 200, 50},
	}
}

// Recent returns the messages of a line that are looked through for what is not
// done, in their order of arrival, and whether older ones were not.
func Recent(ctx context.Context, c *api.Client, line string) (all []api.Message, cut bool, err error) {
	return newAsker(c).messages(ctx, line, true)
}

// asker asks the station how its lines stand. It keeps the messages that it knows,
// so that after news only the newest and the unsettled ones are asked for.
type asker struct {
	client *api.Client
	known  map[string][][]api.Message // by line, and by lane; in their order of arrival
}

func newAsker(c *api.Client) *asker { return &asker{client: c, known: map[string][][]api.Message{}} }

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
	l.Messages, l.Cut, err = a.messages(ctx, name, anew)
	return l, err
}

// messages returns what is looked through of a line.
func (a *asker) messages(ctx context.Context, line string, anew bool) (all []api.Message, cut bool, err error) {
	lanes := lanesOf()
	if a.known[line] == nil {
		a.known[line] = make([][]api.Message, len(lanes))
	}
	var older, newer []api.Message
	for i, n := range lanes {
		old, fresh, err := a.lane(ctx, line, n, a.known[line][i], anew)
		if err != nil {
			return nil, false, err
		}
		a.known[line][i] = slices.Concat(old, fresh)
		older, newer = append(older, old...), append(newer, fresh...)
		if i == 0 {
			both := a.known[line][0]
			cut = len(both) == n.kept && both[0].Seq > 1
		}
	}
	// What was asked for just now is as it is, wherever it stands besides.
	all = slices.Concat(newer, older)
	slices.SortStableFunc(all, func(a, b api.Message) int { return cmp.Compare(a.Seq, b.Seq) })
	return slices.CompactFunc(all, func(a, b api.Message) bool { return a.Seq == b.Seq }), cut, nil
}

// lane returns what is known of a lane and not asked for again, and its newest.
func (a *asker) lane(ctx context.Context, line string, n lane, known []api.Message, anew bool) (old, fresh []api.Message, err error) {
	list := n.list
	list.Limit = n.recent
	if anew || len(known) == 0 {
		known, list.Limit = nil, n.kept
	}
	if fresh, err = a.client.Messages(ctx, line, list); err != nil {
		return nil, nil, err
	}
	slices.Reverse(fresh)
	if len(fresh) == list.Limit && len(known) > 0 && fresh[0].Seq > known[len(known)-1].Seq+1 {
		return a.lane(ctx, line, n, nil, true) // more came than was asked for
	}
	old = before(known, fresh)
	old = old[max(0, len(old)+len(fresh)-n.kept):]
	return old, fresh, a.unsettled(ctx, line, old)
}

// before returns what was known that is older than what is newest.
func before(known, fresh []api.Message) []api.Message {
	if len(fresh) == 0 {
		return known
	}
	i, _ := slices.BinarySearchFunc(known, fresh[0].Seq, func(m api.Message, seq uint64) int { return cmp.Compare(m.Seq, seq) })
	return slices.Clone(known[:i])
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
		now, err := a.client.Message(ctx, line, m.Name)
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
