package proof_test

import (
	"bytes"
	"strings"
	"testing"

	"parley/audit"
	"parley/lines"
	"parley/proof"
)

// FuzzParse: what is read in a form is written again to the same bytes, and judging
// it ends.
func FuzzParse(f *testing.F) {
	r := conversation(f)
	for _, p := range several(r) {
		for _, form := range forms {
			if b := inForm(f, p, form); form != proof.Page && b != nil {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		form, ok := proof.Recognize(file)
		p, err := proof.Parse(file, r.Line.Roster)
		if err != nil {
			return
		}
		again, err := proof.Append(nil, p, form)
		if !ok || err != nil || !bytes.Equal(again, file) {
			t.Errorf("%q reads and writes as %q, %v", file, again, err)
		}
		audit.Proof(p, r.Line.Roster)
	})
}

// FuzzParseText: the same, of texts whose END is right.
func FuzzParseText(f *testing.F) {
	for _, p := range several(conversation(f)) {
		text := string(inForm(f, p, proof.Text))
		f.Add(text[:strings.LastIndex(text, "END ")])
	}
	f.Fuzz(func(t *testing.T, above string) {
		text := []byte(above + lines.EndOf([]byte(above)))
		p, err := proof.ParseText(text)
		if err != nil {
			return
		}
		if again, err := proof.AppendText(nil, p); err != nil || !bytes.Equal(again, text) {
			t.Errorf("%q reads and writes as %q, %v", text, again, err)
		}
	})
}

// FuzzForms: each reader of one form, on anything.
func FuzzForms(f *testing.F) {
	r := conversation(f)
	for _, form := range forms {
		f.Add(inForm(f, r.Proof("north", 2, 2), form))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := proof.ParseCBOR(b); err == nil {
			if again, err := proof.AppendCBOR(nil, p); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%x reads and writes as %x, %v", b, again, err)
			}
		}
		if p, err := proof.ParsePage(b); err == nil {
			if again, err := proof.AppendPage(nil, p); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%q reads and writes as %q, %v", b, again, err)
			}
		}
		if p, err := proof.ParseTlog(b, r.Line.Roster); err == nil {
			if again, err := proof.AppendTlog(nil, p); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%q reads and writes as %q, %v", b, again, err)
			}
		}
		if p, err := proof.ParseCodes(b); err == nil {
			if again, err := proof.Append(nil, p, proof.Coded); err != nil || !bytes.Equal(again, b) {
				t.Errorf("%q reads and writes as %q, %v", b, again, err)
			}
		}
	})
}
