package proof

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"parley"
	"parley/lines"
	"parley/transcript"
	"parley/wire"
)

// Title is the first line of the text of a proof.
const Title = "parley-proof v1"

// AppendText appends p as text, its words at the top (spec/PROOF.md §4). It refuses
// what ParseText would refuse.
func AppendText(dst []byte, p *Proof) ([]byte, error) {
	c, err := p.Claims()
	if err != nil {
		return nil, fmt.Errorf("append: %w", err)
	}
	var w lines.Writer
	w.Line(Title)
	for _, s := range p.words(c) {
		w.Line(strings.TrimSuffix("# "+s.line(), " "))
	}
	w.Line("party", string(p.Party), string(p.Peer))
	for i, e := range p.Entries {
		statement(&w, "entry", c.Messages[i].Header.Number, e)
	}
	for i, e := range p.Changes {
		statement(&w, "change", c.Changes[i], e)
	}
	for _, h := range p.Hashes {
		w.Line("hash", h.String())
	}
	for i, g := range p.Generations {
		statement(&w, "generation", uint64(i+2), g)
	}
	w.Note("checkpoint", p.Note)
	for i, g := range p.OtherGenerations {
		statement(&w, "other-generation", uint64(i+2), g)
	}
	if p.Other != nil {
		w.Note("other", p.Other)
	}
	for i, e := range p.OtherChanges {
		statement(&w, "other-change", c.Others[i], e)
	}
	for _, h := range p.OtherHashes {
		w.Line("other-hash", h.String())
	}
	for _, s := range p.Receipts {
		statement(&w, "receipt", s.Number, s.Bytes)
	}
	for _, s := range p.Refusals {
		statement(&w, "refusal", s.Number, s.Bytes)
	}
	for _, o := range p.Officers {
		w.Line("officer", o.Key.String(), o.Name)
	}
	return within(append(dst, w.End()...), len(dst))
}

// within refuses what is longer than a file may be.
func within(b []byte, from int) ([]byte, error) {
	if n := len(b) - from; n > MaxFile {
		return nil, fmt.Errorf("append proof: %d bytes: %w: at most %d; take fewer messages", n, wire.ErrLimit, MaxFile)
	}
	return b, nil
}

func statement(w *lines.Writer, keyword string, n uint64, b []byte) {
	w.Base64(keyword+" "+strconv.FormatUint(n, 10), b)
}

// ParseText is the inverse of AppendText. The error wraps ErrMalformed or
// wire.ErrLimit; a text whose words are not those of the lines below is malformed.
func ParseText(text []byte) (*Proof, error) {
	if len(text) > MaxFile {
		return nil, fmt.Errorf("proof: %d bytes: %w: at most %d", len(text), wire.ErrLimit, MaxFile)
	}
	counted, err := lines.NewCounted("proof", ErrMalformed, Title, text)
	if err != nil {
		return nil, err
	}
	d := &reader{counted}
	for d.Next("#") {
		d.Raw()
	}
	p := d.proof()
	if err := d.Finish(); err != nil {
		return nil, err
	}
	again, err := AppendText(nil, p)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, text) {
		return nil, d.Wrap(different(again, text))
	}
	return p, nil
}

// different says what is wrong with a text that says the same in other bytes, or, in
// its words, something else.
func different(want, got []byte) error {
	for line := range bytes.Lines(got) {
		var wanted []byte
		if i := bytes.IndexByte(want, '\n'); i >= 0 {
			wanted, want = want[:i+1], want[i+1:]
		}
		if bytes.Equal(line, wanted) {
			continue
		}
		if bytes.HasPrefix(line, []byte("#")) || bytes.HasPrefix(wanted, []byte("#")) {
			return fmt.Errorf("%w: %w", ErrMalformed, ErrWords)
		}
		break
	}
	return fmt.Errorf("%w: not in its one form", ErrMalformed)
}

// reader takes the lines of a proof in order.
type reader struct{ lines.Reader }

func (d *reader) proof() *Proof {
	p := new(Proof)
	w := d.Words("party", 2)
	p.Party, p.Peer = d.PartyOf("party", w[0]), d.PartyOf("party", w[1])
	for d.Next("entry") {
		p.Entries = append(p.Entries, d.statement("entry").Bytes)
	}
	for d.Next("change") {
		p.Changes = append(p.Changes, d.statement("change").Bytes)
	}
	for d.Next("hash") {
		p.Hashes = append(p.Hashes, parley.Hash(d.Hex("hash", len(parley.Hash{}))))
	}
	p.Generations = d.generations("generation")
	p.Note = d.Note("checkpoint", transcript.MaxNote)
	p.OtherGenerations = d.generations("other-generation")
	if d.Next("other") {
		p.Other = d.Note("other", transcript.MaxNote)
	}
	for d.Next("other-change") {
		p.OtherChanges = append(p.OtherChanges, d.statement("other-change").Bytes)
	}
	for d.Next("other-hash") {
		p.OtherHashes = append(p.OtherHashes, parley.Hash(d.Hex("other-hash", len(parley.Hash{}))))
	}
	for d.Next("receipt") {
		p.Receipts = append(p.Receipts, d.statement("receipt"))
	}
	for d.Next("refusal") {
		p.Refusals = append(p.Refusals, d.statement("refusal"))
	}
	for d.Next("officer") {
		id, name, _ := strings.Cut(d.Rest("officer"), " ")
		p.Officers = append(p.Officers, Officer{parley.KeyID(d.Unhex("officer", id, len(parley.KeyID{}))), name})
	}
	return p
}

// generations takes the statements of generations 2, 3, …; that their numbers are
// these is seen when all is written again.
func (d *reader) generations(keyword string) (list [][]byte) {
	for d.Next(keyword) {
		list = append(list, d.statement(keyword).Bytes)
	}
	return list
}

func (d *reader) statement(keyword string) transcript.Statement {
	w := d.Words(keyword, 2)
	return transcript.Statement{Number: d.Number(keyword, w[0], 1, transcript.MaxSize), Bytes: d.Decode(keyword, w[1], lines.AnySize)}
}
