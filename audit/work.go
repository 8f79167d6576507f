package audit

import (
	"fmt"

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
	history *roster.History // that the entries are judged by, unless a change comes in between
	first   uint64          // the number of the first entry
	batch   transcript.Batch
	after   transcript.Cursor // over the entries behind

	receipts, refusals []transcript.Statement // about these entries

	found []found
	err   error
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

	receipt                *wire.Receipt
	refusal                *wire.Refusal
	receiptErr, refusalErr error
}

// Len returns how many bytes of the file the work is.
func (w *Work) Len() int { return w.batch.Len() }

// Do checks all that stands by itself: signatures, forms and leaves. It touches
// nothing but w, so that several may be done at once.
func (w *Work) Do() {
	entries, err := w.batch.Statements()
	if err != nil {
		w.err = err
		return
	}
	w.found = make([]found, len(entries))
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
	e, err := wire.ParseEntry(entry)
	if err != nil || !w.log.judged() {
		f.header, f.headerErr = wire.ParseEntryHeader(entry)
		f.err = err
		return
	}
	f.header, f.signed = e.Header, e.Signed
	w.believe(i, w.history)
}

// believe judges the content of entry i by a history.
func (w *Work) believe(i int, h *roster.History) {
	f := &w.found[i]
	if f.signed == nil {
		return
	}
	f.released, f.err = release.Verify(f.signed, h, w.log.side.Party, w.log.peer.Party, w.first+uint64(i))
}

// receipt checks the single receipt of entry i.
func (w *Work) receipt(i int, signed []byte) {
	f := &w.found[i]
	r, err := receipt.Verify(signed, w.log.peer.Receipt)
	switch {
	case err != nil:
		f.receiptErr = fmt.Errorf("receipt: %w: %w", ErrUnsigned, err)
	case r.Log != w.log.side.Log || r.Number != w.first+uint64(i) || r.Leaf != f.leaf:
		f.receiptErr = fmt.Errorf("receipt: %w", ErrStatement)
	default:
		f.receipt = &r
	}
}

// refusal checks the refusal of entry i.
func (w *Work) refusal(i int, signed []byte) {
	f := &w.found[i]
	r, err := receipt.OpenRefusal(signed, w.log.peer.Station)
	switch {
	case err != nil:
		f.refusalErr = fmt.Errorf("refusal: %w: %w", ErrUnsigned, err)
	case r.Log != w.log.side.Log || r.Number != w.first+uint64(i) || r.Leaf != f.leaf:
		f.refusalErr = fmt.Errorf("refusal: %w", ErrStatement)
	default:
		f.refusal = &r
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
