package audit

import (
	"fmt"
	"slices"

	"parley"
	"parley/receipt"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// Work is a piece of a log whose entries are to be checked.
type Work struct {
	log     *logAudit       // only what does not change is read here
	history *roster.History // that all is judged by
	first   uint64          // the number of the first entry
	batch   transcript.Batch
	after   transcript.Cursor // over the entries behind

	receipts, refusals []transcript.Statement // about these entries

	decoder transcript.Decoder
	found   []found
	err     error
}

// found is what an entry is, whatever stands before it.
type found struct {
	entry     []byte
	leaf      parley.Hash
	header    wire.Header
	headerErr error

	signed   []byte // the content, to be believed or not
	released *release.Released
	err      error // why it is not believed

	receipt                      *wire.Receipt
	refusal                      *wire.Refusal
	receiptErr, refusalErr       error
	receiptStolen, refusalStolen bool // the key is compromised
}

// reset leaves of the work its memory.
func (w *Work) reset() {
	clear(w.found)
	*w = Work{batch: w.batch, decoder: w.decoder, found: w.found[:0]}
}

// Len returns how many bytes of the file the work is.
func (w *Work) Len() int { return w.batch.Len() }

// Do checks all that stands by itself: signatures, forms and leaves. It touches
// nothing but w, so that several may be done at once.
func (w *Work) Do() {
	entries, err := w.decoder.Statements(w.batch)
	if err != nil {
		w.err = err
		return
	}
	w.found = slices.Grow(w.found, len(entries))[:len(entries)]
	receipts, refusals := w.receipts, w.refusals
	for i, e := range entries {
		n := w.first + uint64(i)
		if e.Number != n {
			w.err = fmt.Errorf("transcript: entry %d stands where entry %d was before: the file has changed while it was read", e.Number, n)
			return
		}
		w.look(i, e.Bytes)
		if !w.log.judged() {
			continue
		}
		if s, ok := about(&receipts, n); ok {
			w.receipt(i, s)
		}
		if s, ok := about(&refusals, n); ok {
			w.refusal(i, s)
		}
	}
}

func (w *Work) look(i int, entry []byte) {
	f := &w.found[i]
	f.entry, f.leaf = entry, transcript.LeafHash(entry)
	e, err := wire.ViewEntry(entry)
	if err != nil || !w.log.judged() {
		f.header, f.headerErr = wire.ParseEntryHeader(entry)
		f.err = err
		return
	}
	f.header, f.signed = e.Header, e.Signed
	w.believe(i)
}

// place returns where entry i stands.
func (w *Work) place(i int) roster.Place {
	p := w.history.Place(w.log.side.Party, w.found[i].header)
	p.Number = w.first + uint64(i) // or it is not the entry that should stand there
	return p
}

// stolen reports whether the peer says that a key of its own is compromised.
func (w *Work) stolen(role roster.Role, t roster.Term) bool {
	_, told := w.history.Doubt(w.log.peer.Party, roster.KeyID(role, t.Key), wire.MaxNumber)
	return told
}

// believe judges the content of entry i.
func (w *Work) believe(i int) {
	f := &w.found[i]
	f.released, f.err = release.Verify(f.signed, w.history, w.log.side.Party, w.log.peer.Party, w.place(i))
}

// receipt checks the single receipt of entry i.
func (w *Work) receipt(i int, signed []byte) {
	f := &w.found[i]
	r, term, err := receipt.VerifyBy(signed, w.history, w.log.peer.Party)
	switch {
	case err != nil:
		f.receiptErr = fmt.Errorf("receipt: %w: %w", ErrUnsigned, err)
	case r.Log != w.log.side.Log || r.Number != w.first+uint64(i) || r.Leaf != f.leaf:
		f.receiptErr = fmt.Errorf("receipt: %w", ErrStatement)
	default:
		if f.receiptErr = receipt.CheckReceipt(r, term, w.place(i)); f.receiptErr == nil {
			f.receipt, f.receiptStolen = &r, w.stolen(roster.RoleReceipt, term)
		}
	}
}

// refusal checks the refusal of entry i.
func (w *Work) refusal(i int, signed []byte) {
	f := &w.found[i]
	r, term, err := receipt.RefusalBy(signed, w.history, w.log.peer.Party)
	switch {
	case err != nil:
		f.refusalErr = fmt.Errorf("refusal: %w: %w", ErrUnsigned, err)
	case r.Log != w.log.side.Log || r.Number != w.first+uint64(i) || r.Leaf != f.leaf:
		f.refusalErr = fmt.Errorf("refusal: %w", ErrStatement)
	default:
		if f.refusalErr = receipt.CheckRefusal(term, w.place(i)); f.refusalErr == nil {
			f.refusal, f.refusalStolen = &r, w.stolen(roster.RoleStation, term)
		}
	}
}

// about removes and returns the statement about entry n from a sorted list.
func about(list *[]transcript.Statement, n uint64) ([]byte, bool) {
	if len(*list) == 0 || (*list)[0].Number != n {
		return nil, false
	}
	s := (*list)[0]
	*list = (*list)[1:]
	return s.Bytes, true
}
