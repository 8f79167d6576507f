package lines_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"parley/lines"
)

var errBad = errors.New("malformed")

func TestWrittenAndRead(t *testing.T) {
	var w lines.Writer
	w.Line("parley-test v1")
	w.Line("party", "north")
	w.Base64("key", []byte{1, 2, 3})
	w.Line("hash", "00ff")
	w.Line("note")
	w.Text([]byte("| a b\n|\n"))
	if w.Count() != 7 || string(w.Bytes()) != "parley-test v1\nparty north\nkey AQID\nhash 00ff\nnote\n| a b\n|\n" {
		t.Fatalf("%d lines: %q", w.Count(), w.Bytes())
	}
	d := lines.NewReader("test", errBad, w.Bytes(), 0)
	d.Title("parley-test v1")
	if p := d.Party("party"); p != "north" {
		t.Errorf("party %q", p)
	}
	if b := d.Base64("key", 3); !bytes.Equal(b, []byte{1, 2, 3}) {
		t.Errorf("key %x", b)
	}
	if b := d.Hex("hash", 2); !bytes.Equal(b, []byte{0, 0xff}) {
		t.Errorf("hash %x", b)
	}
	if d.Next("not") || !d.Next("note") || len(d.Words("note", 0)) != 0 {
		t.Error("a keyword alone is not read as one")
	}
	if a, b := d.Raw(), d.Raw(); a != "| a b" || b != "|" || d.At() != 7 || len(d.Left()) != 0 {
		t.Errorf("%q and %q up to line %d", a, b, d.At())
	}
	if err := d.Finish(); err != nil {
		t.Error(err)
	}
}

// The first thing wrong is told with its line, and stays; what is read after it is
// empty.
func TestRefused(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		read func(d *lines.Reader)
		says string
	}{
		"nothing":            {"", func(d *lines.Reader) { d.Title("a v1") }, "line 40: title: malformed: the file is empty"},
		"another title":      {"b v1\n", func(d *lines.Reader) { d.Title("a v1") }, "not \"a v1\""},
		"another version":    {"a v2\n", func(d *lines.Reader) { d.Title("a v1") }, "reads v1 only"},
		"the end":            {"", func(d *lines.Reader) { d.Word("a") }, "line 41: a: malformed: the file ends"},
		"another keyword":    {"b 1\n", func(d *lines.Reader) { d.Word("a") }, "line 41: a: malformed: this line must stand here, not \"b\""},
		"nothing behind":     {"a\n", func(d *lines.Reader) { d.Word("a") }, "nothing stands behind"},
		"a space behind":     {"a \n", func(d *lines.Reader) { d.Words("a", 0) }, "a space stands at the end"},
		"two spaces":         {"a  b\n", func(d *lines.Reader) { d.Word("a") }, "has 2 fields"},
		"a word too many":    {"a b c\n", func(d *lines.Reader) { d.Word("a") }, "has 2 fields"},
		"a long line":        {"a " + strings.Repeat("b", lines.MaxLine) + "\n", func(d *lines.Reader) { d.Rest("a") }, "a: malformed: a line of more than"},
		"not padded":         {"a AQI\n", func(d *lines.Reader) { d.Base64("a", 2) }, "is not 2 bytes in base64"},
		"loose bits":         {"a AR==\n", func(d *lines.Reader) { d.Base64("a", 1) }, "is not 1 bytes in base64"},
		"CR in base64":       {"a AQ==\r\n", func(d *lines.Reader) { d.Decode("a", d.Word("a"), lines.AnySize) }, "is not base64"},
		"another size":       {"a AQI=\n", func(d *lines.Reader) { d.Base64("a", 3) }, "is not 3 bytes"},
		"capitals":           {"a AB\n", func(d *lines.Reader) { d.Hex("a", 1) }, "lower-case"},
		"half a byte":        {"a abc\n", func(d *lines.Reader) { d.Hex("a", 1) }, "is not 1 bytes"},
		"a leading zero":     {"a 01\n", func(d *lines.Reader) { d.Number("a", d.Word("a"), 0, 9) }, "is not a number from 0 to 9"},
		"too large":          {"a 10\n", func(d *lines.Reader) { d.Number("a", d.Word("a"), 0, 9) }, "is not a number"},
		"no party":           {"a North\n", func(d *lines.Reader) { d.Party("a") }, "not a valid name"},
		"left over":          {"a b\nc d\n", func(d *lines.Reader) { d.Word("a") }, "line 42: END: malformed: this line must stand here, not \"c\""},
		"the first of two":   {"a b c\nd\n", func(d *lines.Reader) { d.Word("a"); d.Word("x") }, "line 41: a: "},
		"an error of theirs": {"a b\n", func(d *lines.Reader) { d.Word("a"); d.Whole(errBad) }, "test: malformed"},
	} {
		d := lines.NewReader("test", errBad, []byte(tt.text), 40)
		tt.read(&d)
		err := d.Finish()
		if !errors.Is(err, errBad) || !strings.HasPrefix(err.Error(), "test: ") || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: got %v, want %q", name, err, tt.says)
		}
		if err != nil && (d.Word("a") != "" || d.Raw() != "" || d.Next("c") || d.Number("a", "1", 0, 9) != 0 || d.Err() != err) {
			t.Errorf("%s: it goes on after an error", name)
		}
	}
}

// What is read, written again, is the same bytes.
func FuzzReader(f *testing.F) {
	f.Add([]byte("party north\nkey AQID\nnote\n| a b\n"))
	f.Add([]byte("a  b\nc \n\n d\n"))
	f.Add([]byte("n 01\nh 0aff\nx AR==\ny"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var w lines.Writer
		d := lines.NewReader("fuzz", errBad, text, 0)
		for len(d.Left()) > 0 && d.Err() == nil {
			above := len(text) - len(d.Left())
			line, _, ended := bytes.Cut(d.Left(), []byte("\n"))
			word, _, _ := strings.Cut(string(line), " ")
			rest := d.Rest(word)
			if d.Err() != nil || !ended {
				return
			}
			w.Line(append([]string{word}, fields(rest)...)...)
			if !bytes.Equal(w.Bytes(), text[:above+len(line)+1]) {
				t.Fatalf("%q reads and writes as %q", text, w.Bytes())
			}
		}
	})
}

func fields(rest string) []string {
	if rest == "" {
		return nil
	}
	return strings.Split(rest, " ")
}

// A field that is taken is in its one form.
func FuzzField(f *testing.F) {
	for _, field := range []string{"AQID", "AR==", "AQ==\r", "0aff", "0AFF", "01", "17", "مرحبا"} {
		f.Add(field)
	}
	f.Fuzz(func(t *testing.T, field string) {
		d := lines.NewReader("fuzz", errBad, nil, 0)
		if b := d.Decode("f", field, lines.AnySize); d.Err() == nil && base64.StdEncoding.EncodeToString(b) != field {
			t.Errorf("%q is taken as base64", field)
		}
		d = lines.NewReader("fuzz", errBad, nil, 0)
		if b := d.Unhex("f", field, len(field)/2); d.Err() == nil && hex.EncodeToString(b) != field {
			t.Errorf("%q is taken as hexadecimal", field)
		}
		d = lines.NewReader("fuzz", errBad, nil, 0)
		if n := d.Number("f", field, 0, 1<<40); d.Err() == nil && strconv.FormatUint(n, 10) != field {
			t.Errorf("%q is taken as a number", field)
		}
		if c := lines.Clip(field); utf8.ValidString(field) && !utf8.ValidString(c) {
			t.Errorf("%q is clipped inside a character: %q", field, c)
		}
	})
}
