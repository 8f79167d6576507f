package receipt

import (
	"crypto"
	"crypto/ed25519"
	"fmt"

	"parley"
	"parley/roster"
	"parley/wire"
)

// Generation is a generation statement that is believed: its party asked that its
// log go on under a new name, and the other said behind which entry
// (spec/GENERATION.md §3).
type Generation struct {
	Renewal wire.Renewal
	Closing wire.Closing
	// By is the receipt key that signed the closing; zero where nobody looked
	// ([ReadGeneration], [ClaimGeneration]).
	By parley.KeyID
}

func renewals() statement[wire.Renewal] {
	return statement[wire.Renewal]{"renewal", roster.RoleLog, wire.DomainRenewal, wire.AppendRenewal, wire.ParseRenewal}
}

func closingsOfLogs() statement[wire.Closing] {
	return statement[wire.Closing]{"closing", roster.RoleReceipt, wire.DomainClosing, wire.AppendClosing, wire.ParseClosing}
}

// IssueRenewal signs r by the log key. Whoever calls it has made the id durable,
// and signs nothing more in the log until a closing answers it.
func IssueRenewal(r wire.Renewal, key crypto.Signer) ([]byte, error) { return renewals().issue(r, key) }

// OpenRenewal returns the renewal of p's log, which the log key must have signed that
// stands in p's side of h now. Whether the log may go on so is for
// [roster.History.Renews]. The error wraps wire.ErrMalformed, wire.ErrSignature, or
// roster.ErrGeneration for one of another line or party.
func OpenRenewal(b []byte, h *roster.History, p parley.Party) (wire.Renewal, error) {
	return OpenRenewalAt(b, h, p, wire.MaxNumber)
}

// OpenRenewalAt is OpenRenewal where the log is, or would be, closed at a size: by the
// log key that stands behind that entry (spec/GENERATION.md §8).
func OpenRenewalAt(b []byte, h *roster.History, p parley.Party, size uint64) (wire.Renewal, error) {
	key := h.LogKey(p, size)
	if key == nil {
		return wire.Renewal{}, fmt.Errorf("renewal by %s: %w", p, ErrParty)
	}
	r, err := renewals().open(b, key)
	if err == nil && (r.Line != h.Agreed().Line || r.Party != p) {
		err = fmt.Errorf("renewal: of the log of %s on line %s: %w", r.Party, r.Line, roster.ErrGeneration)
	}
	return r, err
}

// IssueClosing signs c by the receipt key of the other party. Whoever calls it has
// made durable that it holds nothing of that log beyond the size, and never closes
// one generation twice.
func IssueClosing(c wire.Closing, key crypto.Signer) ([]byte, error) {
	return closingsOfLogs().issue(c, key)
}

// OpenClosing returns the closing that key signed. Whether it is the next one of a
// log is for [OpenGeneration]. The error wraps wire.ErrMalformed, wire.ErrLimit or
// wire.ErrSignature.
func OpenClosing(b []byte, key ed25519.PublicKey) (wire.Closing, error) {
	return closingsOfLogs().open(b, key)
}

// OpenGeneration reads the generation statement that comes next in p's log as h
// has it, and returns the history with it. The error wraps wire.ErrMalformed,
// wire.ErrLimit, wire.ErrSignature, ErrParty or roster.ErrGeneration.
func OpenGeneration(b []byte, h *roster.History, p parley.Party) (Generation, *roster.History, error) {
	g, next, err := openGeneration(b, h, p)
	if err != nil {
		return Generation{}, nil, fmt.Errorf("generation of the log of %s: %w", p, err)
	}
	return g, next, nil
}

// ClaimGeneration is OpenGeneration for who has the log key alone: the closing is a
// claim of whoever shows it.
func ClaimGeneration(b []byte, h *roster.History, p parley.Party) (Generation, *roster.History, error) {
	g, err := ReadGeneration(b)
	if err != nil {
		return Generation{}, nil, err
	}
	pair, err := wire.ParseGeneration(b)
	if err != nil {
		return Generation{}, nil, err
	}
	if _, err := OpenRenewalAt(pair.Renewal, h, p, g.Closing.Size); err != nil {
		return Generation{}, nil, fmt.Errorf("generation of the log of %s: %w", p, err)
	}
	next, err := g.follow(h, p)
	if err != nil {
		return Generation{}, nil, fmt.Errorf("generation of the log of %s: %w", p, err)
	}
	return g, next, nil
}

// ReadGeneration returns what a generation statement says. It looks at no signature.
// The error wraps wire.ErrMalformed or wire.ErrLimit.
func ReadGeneration(b []byte) (g Generation, err error) {
	pair, err := wire.ParseGeneration(b)
	if err != nil {
		return g, fmt.Errorf("generation: %w", err)
	}
	if g.Renewal, err = renewals().read(pair.Renewal); err != nil {
		return g, fmt.Errorf("generation: %w", err)
	}
	if g.Closing, err = closingsOfLogs().read(pair.Closing); err != nil {
		return g, fmt.Errorf("generation: %w", err)
	}
	return g, nil
}

func openGeneration(b []byte, h *roster.History, p parley.Party) (g Generation, next *roster.History, err error) {
	pair, err := wire.ParseGeneration(b)
	if err != nil {
		return g, nil, err
	}
	// Which key must have signed the renewal depends on where the closing closes.
	claimed, _ := closingsOfLogs().read(pair.Closing)
	if g.Renewal, err = OpenRenewalAt(pair.Renewal, h, p, claimed.Size); err != nil {
		return g, nil, err
	}
	closer, _ := h.Agreed().Peer(p)
	var term roster.Term
	if g.Closing, term, err = closingsOfLogs().openBy(pair.Closing, h, closer.Party); err != nil {
		return g, nil, err
	}
	if !term.CountsTo(g.Closing.Size) {
		return g, nil, ended("closing", term)
	}
	g.By = roster.KeyID(roster.RoleReceipt, term.Key)
	next, err = g.follow(h, p)
	return g, next, err
}

// follow returns the history in which p's log goes on as g says.
func (g Generation) follow(h *roster.History, p parley.Party) (*roster.History, error) {
	r, c := g.Renewal, g.Closing
	all := h.Generations(p)
	newest := all[len(all)-1].Log
	switch {
	case c.Line != r.Line || c.Party != p:
		return nil, fmt.Errorf("closing: of the log of %s on line %s: %w", c.Party, c.Line, roster.ErrGeneration)
	case c.Opened != r.Log:
		return nil, fmt.Errorf("%w: the closing is for another renewal", roster.ErrGeneration)
	case c.Closed != newest:
		return nil, fmt.Errorf("%w: it closes %s, and the newest is %s", roster.ErrGeneration, c.Closed, newest)
	}
	return h.Renew(p, roster.Generation{From: c.Size + 1, Log: r.Log, Renewed: r.Time, Beside: c.Own})
}
