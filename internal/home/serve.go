package home

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"time"

	"parley"
	"parley/internal/api"
	"parley/internal/channel/quic"
	"parley/internal/channel/tcp"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/internal/station"
	"parley/roster"
	"parley/wire"
)

// ErrNothing is returned by Serve when no line is confirmed.
var ErrNothing = errors.New("no line is confirmed yet")

// ServeOptions are the choices of the one who starts a station.
type ServeOptions struct {
	// Log is told in one line each what became durable and what failed; nil: nobody.
	Log io.Writer
	// Ready, if set, is called once the lines run and the socket answers.
	Ready func(lines []LineState)
	// Restored accepts a journal that was rolled back; see ErrRestored.
	Restored bool
	// Now is the clock; nil means the machine's.
	Now func() time.Time
	// Through, if set, returns what is used in place of a channel: for tests of
	// what the other side makes of a station that behaves badly.
	Through func(courier.Channel) courier.Channel
}

// Serve runs the party's station with all its confirmed lines, and answers on
// the socket, until ctx ends, which is no error.
func Serve(ctx context.Context, h *Home, o ServeOptions) (err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	unlock, err := h.lock()
	if err != nil {
		return err
	}
	defer unlock()
	lines, err := h.confirmed()
	if err != nil {
		return err
	}
	keys, err := h.station()
	if err != nil {
		return err
	}
	for _, l := range lines {
		if err := holds(keys.Public(), h.Party(), l); err != nil {
			return err
		}
	}
	secrets, err := keyring.OpenEpochs(h.keys(), keys)
	if err != nil {
		return err
	}
	j, err := journal.Open(filepath.Join(h.dir, "journal"), journal.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	all, err := h.withDeniable(lines)
	if err != nil {
		return err
	}
	if err := h.start(ctx, j, all, o.Restored); err != nil {
		return err
	}

	rolled, err := h.openRolled(keys.Public(), signing(lines))
	if err != nil {
		return err
	}
	news := api.NewNews()
	s, err := station.New(station.Config{
		Party: h.Party(), Journal: j, Keys: keys, Secrets: secrets, Now: o.Now, Slept: slept, Notify: news.Tell, Later: rolled.signer,
	})
	if err != nil {
		return err
	}
	log := newLogbook(o.Log, o.Now)
	defer log.follow(s, news)() // from before the lines run until after they stopped
	hops, err := h.openHops(keys.Hop())
	if err != nil {
		return err
	}
	routes := &routes{
		home: h, hop: keys.Hop(), hops: hops, rolled: rolled, roots: &roots{home: h, had: map[string][]ed25519.PublicKey{}}, refused: log.refused, through: o.Through,
		tcp: map[string]*tcp.Listener{}, quic: map[string]*quic.Listener{}, pouches: map[string]bool{},
	}
	defer func() { err = errors.Join(err, routes.close()) }()
	for _, l := range lines {
		if err := h.add(s, routes, l); err != nil {
			return fmt.Errorf("line with %s: %w", l.Name, err)
		}
	}
	socket, err := api.Listen(h.Socket())
	if err != nil {
		return err
	}
	server := api.NewServer(s, news)
	server.MakeKeys(func(l *station.Line, role roster.Role) (ed25519.PublicKey, error) {
		if role == roster.RoleHop {
			return hops.spare(l)
		}
		return rolled.spare(string(l.Peer().Party), l.History(), role)
	})
	asked, err := h.witnesses(s, o.Now, log)
	if err != nil {
		return err
	}
	server.Witnesses(asked.states)
	defer asked.start(ctx)() // nobody waits for them
	return run(ctx, s, server, socket, func() {
		if o.Ready != nil {
			o.Ready(lines)
		}
	})
}

// run runs the station and its server until ctx ends or one of them fails.
func run(ctx context.Context, s *station.Station, v *api.Server, socket net.Listener, ready func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	go func() { ended <- s.Run(ctx) }()
	go func() { ended <- v.Serve(ctx, socket) }()
	ready()
	first := <-ended
	cancel()
	return errors.Join(first, <-ended)
}

// signing counts the lines that need this party's own keys: on one that is deniable
// altogether only derived ones sign.
func signing(lines []LineState) (n int) {
	for _, l := range lines {
		if l.Roster.Terms.Evidence != roster.Deniable {
			n++
		}
	}
	return n
}

// confirmed returns the confirmed lines, or ErrNothing.
func (h *Home) confirmed() ([]LineState, error) {
	all, err := h.Lines()
	if err != nil {
		return nil, err
	}
	var out []LineState
	for _, l := range all {
		if l.Step == Confirmed {
			out = append(out, l)
		}
	}
	if len(out) == 0 {
		return nil, ErrNothing
	}
	return out, nil
}

// ErrKeys is returned by Serve when the station's keys are not those that a
// line was agreed with: what it signed would be believed by nobody. Its station,
// receipt and log keys may have become others since; station.ErrNoKey says that they
// are not held.
var ErrKeys = errors.New("the station's keys are not those in the roster")

// holds reports whether the station's keys are those in the roster of a line.
func holds(keys keyring.Public, p parley.Party, l LineState) error {
	self, ok := l.Roster.Side(p)
	if !ok || !self.Hop.Equal(keys.Hop) {
		return fmt.Errorf("line with %s: %w: put the right %s back, or agree on the line anew", l.Name, ErrKeys, keyring.StationFile)
	}
	return nil
}

// add gives the station one agreed line with its channels, and the deniable one
// of the same parties, or in its place, where the terms have that.
func (h *Home) add(s *station.Station, r *routes, l LineState) error {
	prekeys, err := h.prekeys(l)
	if err != nil {
		return err
	}
	channels, err := r.of(l.Name, l.Roster)
	if err != nil {
		return err
	}
	drafted, err := s.Drafted(l.Roster.Line)
	if err != nil {
		return err
	}
	r.rolled.promise(l.Name, drafted)
	pq, err := h.cosigner(l.Roster)
	if err != nil {
		return err
	}
	c := station.LineConfig{
		ReceiptPQ: pq,
		Roster:    l.Roster, Prekeys: prekeys, Routes: channels, Quota: h.config.Lines[l.Name].Quota.quota(),
		Hops:  func(h station.Hops) error { return r.hops.use(l.Name, h) },
		Needs: func(keys []ed25519.PublicKey) error { return r.rolled.need(l.Name, keys) },
		Root:  func(keys []ed25519.PublicKey) error { return r.roots.use(l.Name, keys) },
	}
	if !l.Roster.Terms.Deniably() {
		_, err = s.AddLine(c)
		return err
	}
	return h.addDeniable(s, r, l, c)
}

// prekeys returns the other side's first prekeys, which stand on its card.
func (h *Home) prekeys(l LineState) (wire.Prekeys, error) {
	r, err := h.meet(l.Name)
	if err != nil {
		return wire.Prekeys{}, err
	}
	if r.Line != l.Roster.Line {
		return wire.Prekeys{}, fmt.Errorf("%s: invite and accept make another roster than the confirmed one: put the right papers back, or agree on the line anew", filepath.Join(h.dir, "lines", l.Name))
	}
	peer, _ := r.Peer(h.Party())
	return wire.Prekeys{Line: r.Line, From: peer.Party, Keys: peer.Prekeys, LastResort: peer.LastResort}, nil
}
