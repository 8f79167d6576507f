package wire

import (
	"bytes"
	"testing"

	"parley"
)

func text() Content {
	return Content{
		Line: parley.LineID{1}, Draft: parley.DraftID{2}, From: "north/duty", To: []parley.Desk{"south/duty"},
		Precedence: parley.Flash, Status: parley.Real, Kind: parley.Text, Language: "en", Body: string(bytes.Repeat([]byte("a"), 300)),
		References: []parley.Ref{{Log: parley.LogID{3}, Number: 4}},
	}
}

func TestNarrowRoundTrip(t *testing.T) {
	c := text()
	c.References = nil
	content, err := AppendContent(nil, c)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseContent(content)
	if err != nil || back.Body != c.Body {
		t.Fatal(err)
	}
	signed, err := AppendSigned(nil, Signed{Content: content, Signatures: []Signature{{Key: parley.KeyID{9}}}})
	if err != nil {
		t.Fatal(err)
	}
	entry, err := AppendEntry(nil, Entry{Header{Version: 1, Log: parley.LogID{5}, Number: 7, Previous: parley.Hash{1}, Seen: []Seen{{Log: parley.LogID{6}, Size: 9}}, Time: 1790000000000}, signed})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseEntry(entry); err != nil {
		t.Fatal(err)
	}
	n, err := NarrowEntry(entry)
	if err != nil {
		t.Fatal(err)
	}
	got, err := RestoreEntry(n, c.Line, parley.LogID{5}, parley.Hash{1}, parley.LogID{6})
	if err != nil || !bytes.Equal(got, entry) {
		t.Fatal(err)
	}
	b, err := AppendBundle(nil, []Part{{Type: PartNarrowEntry, Bytes: n}})
	if err != nil {
		t.Fatal(err)
	}
	f, err := AppendFrame(nil, Frame{Form: Narrow, Ciphertext: append(b, make([]byte, 16)...)})
	if err != nil {
		t.Fatal(err)
	}
	if len(f)-300 > 250 {
		t.Errorf("a narrow frame costs %d bytes beyond its text of 300", len(f)-300)
	}
	t.Log(len(f) - 300)
	if _, err := ParseFrame(f); err != nil {
		t.Fatal(err)
	}
}
