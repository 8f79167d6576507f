package proof

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"

	"parley"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// TlogTitle is the first line of a proof in the form of C2SP tlog-proof.
const TlogTitle = "c2sp.org/tlog-proof@v1"

// unfit says why a proof, which may be a good one, has no place in a tlog-proof. It
// is an ErrMalformed, because no file of that form may claim it.
type unfit string

func (u unfit) Error() string { return "tlog-proof: " + string(u) + "; take another form" }
func (unfit) Unwrap() error   { return ErrMalformed }

// AppendTlog appends p as a C2SP tlog-proof: its extra is the entry, of which the
// record hash is made. That form has a place for one message and its checkpoint only;
// what else stands in p is left out (spec/PROOF.md §7). The error wraps ErrMalformed
// where p shows more than one message, or changes or generations, which may not be left out, or is
// not cosigned: of a file that may lack its last line nobody could tell that it was cut.
func AppendTlog(dst []byte, p *Proof) ([]byte, error) {
	c, err := p.Claims()
	if err != nil {
		return nil, fmt.Errorf("append: %w", err)
	}
	if len(p.Entries) != 1 || len(p.Changes) != 0 {
		return nil, unfit("it can show one message, of a party that changed no officer or key")
	}
	if len(p.Generations) != 0 {
		return nil, unfit(fmt.Sprintf("it cannot show the statements by which the log of %s went on in another generation", p.Party))
	}
	if !c.Note.Cosigned {
		return nil, unfit(fmt.Sprintf("%s did not cosign a checkpoint that covers the message yet", p.Peer))
	}
	index := c.Messages[0].Header.Number - 1
	path, err := transcript.Inclusion(p.Hashes, c.Note.Size, index)
	if err != nil {
		return nil, fmt.Errorf("append tlog-proof: %w: %w", ErrMalformed, err)
	}
	dst = fmt.Appendf(dst, "%s\nextra %s\nindex %d\n", TlogTitle, base64.StdEncoding.EncodeToString(p.Entries[0]), index)
	for _, h := range path {
		dst = append(base64.StdEncoding.AppendEncode(dst, h[:]), '\n')
	}
	return append(append(dst, '\n'), p.Note...), nil
}

// ParseTlog reads what AppendTlog writes. Whose log it is, which tlog-proof does not
// say, is taken from the roster. The error wraps ErrMalformed, wire.ErrLimit, or
// transcript.ErrLog for a log that the roster does not know.
func ParseTlog(text []byte, r *roster.Roster) (*Proof, error) {
	p, err := parseTlog(text, r)
	if err != nil {
		return nil, fmt.Errorf("tlog-proof: %w", err)
	}
	again, err := AppendTlog(nil, p)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, text) {
		return nil, fmt.Errorf("tlog-proof: %w: not in its one form", ErrMalformed)
	}
	return p, nil
}

// maxTlog is more than an entry, a path and a note have.
const maxTlog = wire.MaxEntry*2 + 64*64 + 2*transcript.MaxNote

func parseTlog(text []byte, r *roster.Roster) (*Proof, error) {
	if len(text) > maxTlog {
		return nil, fmt.Errorf("%d bytes: %w: at most %d", len(text), wire.ErrLimit, maxTlog)
	}
	head, note, ok := strings.Cut(string(text), "\n\n")
	rows := strings.Split(head, "\n")
	if !ok || len(rows) < 3 || rows[0] != TlogTitle {
		return nil, fmt.Errorf("%w: not a title, extra, index and a checkpoint", ErrMalformed)
	}
	extra, ok := strings.CutPrefix(rows[1], "extra ")
	entry, err := base64.StdEncoding.DecodeString(extra)
	if !ok || err != nil {
		return nil, fmt.Errorf("%w: its second line is not the entry, as extra", ErrMalformed)
	}
	number, ok := strings.CutPrefix(rows[2], "index ")
	index, err := strconv.ParseUint(number, 10, 62)
	if !ok || err != nil {
		return nil, fmt.Errorf("%w: its third line is not the index", ErrMalformed)
	}
	path := make([]parley.Hash, 0, len(rows)-3)
	for _, row := range rows[3:] {
		h, err := base64.StdEncoding.DecodeString(row)
		if err != nil || len(h) != len(parley.Hash{}) {
			return nil, fmt.Errorf("%w: %q is not a hash", ErrMalformed, row)
		}
		path = append(path, parley.Hash(h))
	}
	p := &Proof{Entries: [][]byte{entry}, Note: []byte(note)}
	c, err := readNote(p.Note)
	if err != nil {
		return nil, err
	}
	side, ok := r.Log(c.Log)
	peer, ok2 := r.Peer(side.Party)
	if !ok || !ok2 {
		return nil, fmt.Errorf("log %s, which the roster does not know: %w", c.Log, transcript.ErrLog)
	}
	p.Party, p.Peer = side.Party, peer.Party
	if p.Hashes, err = transcript.SetOf(path, c.Size, index); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return p, nil
}
