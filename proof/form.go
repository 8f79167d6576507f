package proof

import (
	"bytes"
	"fmt"

	"parley/roster"
)

// Form is one of the forms in which a proof is handed out (spec/PROOF.md §7).
type Form string

// The forms.
const (
	Text  Form = "text"
	CBOR  Form = "cbor"
	Page  Form = "html"
	Tlog  Form = "tlog-proof"
	Coded Form = "codes" // what a printed page has for programs
)

// Append appends p in a form. The error wraps ErrMalformed, also for a form that p
// does not fit or that there is not.
func Append(dst []byte, p *Proof, f Form) ([]byte, error) {
	switch f {
	case Text:
		return AppendText(dst, p)
	case CBOR:
		return AppendCBOR(dst, p)
	case Page:
		return AppendPage(dst, p)
	case Tlog:
		return AppendTlog(dst, p)
	case Coded:
		codes, err := Codes(p)
		for _, code := range codes {
			dst = append(append(dst, code...), '\n')
		}
		return dst, err
	}
	return nil, fmt.Errorf("append proof: %w: there is no form %q", ErrMalformed, f)
}

// Recognize returns the form that a file with this beginning would have, and false
// if it is no proof. A hundred bytes are enough.
func Recognize(file []byte) (Form, bool) {
	begins := func(s string) bool { return bytes.HasPrefix(file, []byte(s)) }
	switch {
	case begins(Title + "\n"):
		return Text, true
	case begins(pageTop):
		return Page, true
	case begins(TlogTitle + "\n"):
		return Tlog, true
	case begins(CodeTitle):
		return Coded, true
	case len(file) > 3 && file[0] >= 0xa5 && file[0] <= 0xaf && file[1] == 1 && file[2] == 1:
		return CBOR, true
	}
	return "", false
}

// Parse reads a file in any form. The roster says whose a log is where the form does
// not. The error wraps ErrMalformed, wire.ErrVersion, wire.ErrLimit or
// transcript.ErrLog.
func Parse(file []byte, r *roster.Roster) (*Proof, error) {
	f, ok := Recognize(file)
	switch {
	case !ok:
		return nil, fmt.Errorf("proof: %w: it begins like none", ErrMalformed)
	case f == Text:
		return ParseText(file)
	case f == Page:
		return ParsePage(file)
	case f == Tlog:
		return ParseTlog(file, r)
	case f == Coded:
		return ParseCodes(file)
	}
	return ParseCBOR(file)
}
