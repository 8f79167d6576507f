package station

import (
	"context"
	"errors"
	"maps"

	"parley"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/link"
)

// Status is what the station knows of a line, for the person who must act.
type Status struct {
	Line  parley.LineID
	Party parley.Party
	Peer  parley.Party
	At    parley.Time

	// PostQuantum says that both parties have a key that cosigns by ML-DSA-44.
	PostQuantum bool

	Ours   LogStatus
	Theirs LogStatus

	Channels []ChannelStatus
	Drafts   int
	Refused  []journal.FrameCount // frames refused since the journal was made, by channel and reason
	Epochs   int                  // of the other side, open here
	Quota    QuotaStatus
	Troubles []Trouble // what a person should know, and what to do
}

// QuotaStatus is a line's quota and what of it the other side has used.
type QuotaStatus struct {
	Quota
	Used, FlashUsed float64 // parts of 1
	Wait            uint64  // for how many seconds nothing but Flash is taken; 0: there is room
	HeldBack        uint64  // copies that were over the quota, lately
}

// LogStatus is how far one log is here.
type LogStatus struct {
	Log      parley.LogID
	Size     uint64 // held without a gap
	Ahead    int    // held beyond a gap
	Cosigned uint64 // covered by the addressee's cosignature
	Refusals uint64 // entries not believed by their addressee
	Halted   string // why it must not grow or is not cosigned any more
	// LogKeyDoubt says that the party told a log key of its own as compromised: a proof
	// by it that the log was forked is in doubt (spec/GENERATION.md §8).
	LogKeyDoubt string

	Generation int  // in which the next entry stands, counted from 1
	Restoring  bool // it is not whole again since a restore, and nothing is signed in it

	// PostQuantum is how much of it both parties cosigned by ML-DSA-44, and
	// PostQuantumAt since when, as the later of the two says (spec/RECEIPT.md §9).
	PostQuantum   uint64
	PostQuantumAt parley.Time
}

// ChannelStatus is one channel and its last proof of life.
type ChannelStatus struct {
	courier.State
	Narrow bool
	// Proof is the last line check that came back; zero for a channel that was
	// never proved.
	Proof Proof
	// Silent is when the first line check was asked that has had no answer since,
	// once that is too long ago; else zero. Then the channel counts as unproven,
	// whatever else it seems to be.
	Silent parley.Time
	// Health is what was measured of it since the station began, by which link
	// chooses.
	Health link.Health
	// Heard is when anything authentic last came by this channel.
	Heard parley.Time
}

// Proven reports whether the newest line checks come back over the channel.
func (c ChannelStatus) Proven() bool { return c.Proof.At != 0 && c.Silent == 0 }

// Status returns the state of the line now.
func (l *Line) Status(ctx context.Context) (Status, error) {
	s := Status{Line: l.id, Party: l.cfg.Party, Peer: l.peer.Party, At: parley.TimeOf(l.cfg.Now()), PostQuantum: l.quantum.key != nil}
	proofs, silent := map[string]Proof{}, map[string]parley.Time{}
	var heard map[string]parley.Time
	var lookErr error
	health := map[string]link.Health{}
	err := l.do(ctx, func() {
		own, peer := l.st.own, l.st.peer
		s.Ours = LogStatus{Log: own.id, Size: own.size, Cosigned: own.cosignedSize, Refusals: own.refusals, Halted: own.halted,
			PostQuantum: own.quantum.size, PostQuantumAt: own.quantum.at}
		s.Theirs = LogStatus{Log: peer.id, Size: peer.size, Ahead: len(peer.ahead), Cosigned: peer.cosignedSize, Refusals: peer.refusals, Halted: peer.halted,
			PostQuantum: peer.quantum.size, PostQuantumAt: peer.quantum.at}
		s.Ours.LogKeyDoubt, s.Theirs.LogKeyDoubt = logKeyDoubt(l.st.history, l.cfg.Party), logKeyDoubt(l.st.history, l.peer.Party)
		s.Ours.Restoring = l.gens.restoring()
		_, s.Ours.Generation = l.st.history.Generation(l.cfg.Party, own.size+1)
		_, s.Theirs.Generation = l.st.history.Generation(l.peer.Party, peer.size+1)
		s.Epochs = len(l.opener.epochs)
		heard = maps.Clone(l.heard)
		for name, p := range l.checks {
			proofs[name], silent[name] = p.last, p.silent(s.At)
		}
		s.Refused, lookErr = l.refused()
		for _, h := range l.link.Health() {
			health[h.Channel] = h
		}
		s.Troubles = l.troubles(s.At)
		u := l.st.used
		u.pass(s.At, l.quota.Per)
		s.Quota = QuotaStatus{Quota: l.quota, Used: u.all.full(), FlashUsed: u.flash.full(), Wait: l.wait(s.At), HeldBack: l.conduct.heldBack.count}
	})
	if err := errors.Join(err, lookErr); err != nil {
		return s, err
	}
	for _, c := range l.courier.States() {
		s.Channels = append(s.Channels, ChannelStatus{
			State: c, Narrow: l.narrow(c.Name), Proof: proofs[c.Name], Silent: silent[c.Name], Health: health[c.Name], Heard: heard[c.Name],
		})
	}
	drafts, err := l.journal.Drafts(l.id)
	if err != nil {
		return s, err
	}
	s.Drafts = len(drafts)
	return s, nil
}

// RefusedFrames returns how many frames were refused in all.
func (s Status) RefusedFrames() (n uint64) {
	for _, c := range s.Refused {
		n += c.Count
	}
	return n
}

// Proved returns how many of our entries the other side's cosignature covers.
func (l *Line) Proved() uint64 { return l.proved.Load() }
