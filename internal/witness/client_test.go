package witness

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"parley/transcript"
)

func TestParseURL(t *testing.T) {
	for _, good := range []string{"https://witness.example", "https://witness.example/prefix", "http://127.0.0.1:7380", "http://[::1]:1/x", "http://localhost:7380/"} {
		if got, err := ParseURL(good); err != nil || got != strings.TrimSuffix(good, "/") {
			t.Errorf("%s: %s, %v", good, got, err)
		}
	}
	for _, bad := range []string{
		"", "witness.example", "http://witness.example", "http://127.0.0.1.example", "http://10.0.0.1", "ftp://witness.example", "https://",
		"https://a:b@witness.example", "https://witness.example?x", "https://witness.example/?", "https://witness.example#x", "https:witness.example", "https://a b/",
	} {
		if got, err := ParseURL(bad); !errors.Is(err, ErrURL) {
			t.Errorf("%q is taken: %s, %v", bad, got, err)
		}
	}
}

// What a witness answers is judged by its status and its bytes, and nothing else of it.
func TestAnswers(t *testing.T) {
	l := newLog(t)
	l.grow(3)
	other := newParty(t, "witness.example/other")
	w := newParty(t, "witness.example/w1")
	note, of := l.newest(t)
	good, others := w.line(t, of), other.line(t, of)
	wrong := of
	wrong.Size++
	size := http.Header{"Content-Type": {"text/x.tlog.size"}}

	for name, c := range map[string]struct {
		status int
		header http.Header
		body   string
		want   error // nil: a cosignature; conflict{2}: that
		says   string
	}{
		"good":                       {body: good},
		"beside others":              {body: others + good + other.line(t, wrong)},
		"an unknown kind of key":     {body: "— x AAAAAAA=\n" + good},
		"none of it":                 {body: others, want: ErrAnswer, says: "no cosignature by witness.example/w1"},
		"of another checkpoint":      {body: w.line(t, wrong), want: transcript.ErrSignature},
		"under its name, by another": {body: newParty(t, "witness.example/w1").line(t, of), want: ErrAnswer, says: "no cosignature"},
		"nothing":                    {body: "", want: ErrAnswer},
		"cut off":                    {body: good[:len(good)-1], want: ErrAnswer},
		"a page":                     {body: "<html>\n", want: ErrAnswer},
		"too long":                   {body: good + strings.Repeat(others, 1000), want: ErrAnswer, says: "more than"},
		"another size":               {status: 409, header: size, body: "2\n", want: conflict{2}},
		"with a parameter":           {status: 409, header: http.Header{"Content-Type": {"text/x.tlog.size; charset=utf-8"}}, body: "2\n", want: conflict{2}},
		"no size":                    {status: 409, header: size, body: "", want: ErrAnswer},
		"size of another type":       {status: 409, body: "2\n", want: ErrAnswer},
		"size without an end":        {status: 409, header: size, body: "2", want: ErrAnswer},
		"size with zeros":            {status: 409, header: size, body: "02\n", want: ErrAnswer},
		"negative size":              {status: 409, header: size, body: "-2\n", want: ErrAnswer},
		"size beyond all":            {status: 409, header: size, body: "18446744073709551615\n", want: ErrAnswer},
		"a long size":                {status: 409, header: size, body: strings.Repeat("1", 1<<20), want: ErrAnswer},
		"does not know the log":      {status: 404, body: "unknown log\nand more", want: ErrUnknown, says: "404 Not Found: unknown log"},
		"does not know the key":      {status: 403, want: ErrUnknown, says: "403 Forbidden"},
		"holds another history":      {status: 422, body: "bad proof", want: ErrHistory},
		"bad request":                {status: 400, want: ErrAnswer},
		"busy":                       {status: 503, body: strings.Repeat("x", 1<<20), want: ErrAnswer},
		"elsewhere":                  {status: 302, header: http.Header{"Location": {"http://127.0.0.1:1/"}}, want: ErrAnswer, says: "302"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked []byte
			server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				asked = body(r)
				if r.Method != "POST" || r.URL.Path != "/prefix/add-checkpoint" {
					t.Errorf("%s %s", r.Method, r.URL.Path)
				}
				for k, v := range c.header {
					rw.Header()[k] = v
				}
				rw.WriteHeader(max(c.status, 200))
				fmt.Fprint(rw, c.body)
			}))
			defer server.Close()
			proof, err := l.OwnConsistency(1, 3)
			if err != nil {
				t.Fatal(err)
			}
			client := newClient(server.URL+"/prefix", w.key)
			defer client.http.CloseIdleConnections()
			got, err := client.add(context.Background(), 1, proof, of, note)
			if c.want == nil {
				if err != nil || w.key.Check(of, got) != nil {
					t.Errorf("%+v, %v", got, err)
				}
			} else if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) || len(err.Error()) > 2*whyBytes {
				t.Errorf("the error is %v, want %v", err, c.want)
			}
			if want := request(1, proof, note); !bytes.Equal(asked, want) {
				t.Errorf("it was asked\n%s\nwant\n%s", asked, want)
			}
		})
	}
}

// The request is that of the text, to the byte.
func TestRequest(t *testing.T) {
	l := newLog(t)
	l.grow(3)
	note, _ := l.newest(t)
	proof, err := l.OwnConsistency(2, 3)
	if err != nil || len(proof) == 0 {
		t.Fatal(proof, err)
	}
	lines := strings.Split(string(request(2, proof, note)), "\n")
	if lines[0] != "old 2" || len(lines[1]) != 44 || lines[1+len(proof)] != "" || strings.Join(lines[2+len(proof):], "\n") != string(note) {
		t.Errorf("%q", lines)
	}
	if got := string(request(0, nil, note)); got != "old 0\n\n"+string(note) {
		t.Errorf("%q", got)
	}
}

// No answer makes the reader fail otherwise than by an error, and what it takes is a
// line of the answer.
func FuzzAnswer(f *testing.F) {
	l := newLog(f)
	l.grow(3)
	_, of := l.newest(f)
	w := newParty(f, "w")
	f.Add([]byte(w.line(f, of)), "text/x.tlog.size")
	f.Add([]byte("2\n"), "text/x.tlog.size")
	f.Add([]byte("— x AAAAAAA=\n"), "")
	f.Fuzz(func(t *testing.T, b []byte, media string) {
		if c, err := readAnswer(b, w.key, of); err == nil {
			line := transcript.AppendCosignature(nil, c)
			if !slices.ContainsFunc(bytes.SplitAfter(b, []byte("\n")), func(l []byte) bool { return bytes.Equal(l, line) }) || w.key.Check(of, c) != nil {
				t.Errorf("%q is taken from %q", line, b)
			}
		}
		if n, err := readSize(media, b); err == nil && fmt.Sprintf("%d\n", n) != string(b) {
			t.Errorf("%q is read as %d", b, n)
		}
	})
}
