package proof

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the style
	"encoding/base64"
	"fmt"
	"strings"

	"rsc.io/qr"

	"parley/wire"
)

// The page is for paper: black on white, A4, without a script and with nothing to
// load. It holds the text of the proof, and is a function of it: whoever verifies a
// page writes it again and compares (spec/PROOF.md §8).

//go:embed page.css
var style string

const (
	pageTop = "<!DOCTYPE html>\n<html lang=\"en\">\n"
	preTop  = "<pre id=\"proof\">"
	preEnd  = "</pre>"
)

// AppendPage appends p as a page of HTML. It refuses what ParsePage would refuse.
func AppendPage(dst []byte, p *Proof) ([]byte, error) {
	text, err := AppendText(nil, p)
	if err != nil {
		return nil, err
	}
	c, err := p.Claims()
	if err != nil {
		return nil, err
	}
	codes, err := Codes(p)
	if err != nil {
		return nil, err
	}
	w := new(pageWriter)
	w.head(p, c)
	w.words(p.words(c))
	if err := w.codes(codes); err != nil {
		return nil, err
	}
	w.printf("<section class=\"whole\">\n<h2>The proof</h2>\n%s", preTop)
	w.WriteString(escape(string(text)))
	w.printf("%s\n</section>\n</body>\n</html>\n", preEnd)
	return within(append(dst, w.Bytes()...), len(dst))
}

// ParsePage is the inverse of AppendPage. The error wraps ErrMalformed or
// wire.ErrLimit; a page that is not the one of the text in it is malformed.
func ParsePage(page []byte) (*Proof, error) {
	if len(page) > MaxFile {
		return nil, fmt.Errorf("page: %d bytes: %w: at most %d", len(page), wire.ErrLimit, MaxFile)
	}
	_, rest, ok := bytes.Cut(page, []byte(preTop))
	text, _, ok2 := bytes.Cut(rest, []byte(preEnd))
	if !ok || !ok2 {
		return nil, fmt.Errorf("page: %w: there is no proof in it", ErrMalformed)
	}
	p, err := ParseText([]byte(unescape(string(text))))
	if err != nil {
		return nil, fmt.Errorf("page: %w", err)
	}
	again, err := AppendPage(nil, p)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, page) {
		return nil, fmt.Errorf("page: %w: %w", ErrMalformed, ErrWords)
	}
	return p, nil
}

// Text in the page has these characters escaped, and no others.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func unescape(s string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&").Replace(s)
}

type pageWriter struct{ bytes.Buffer }

func (w *pageWriter) printf(format string, args ...any) { fmt.Fprintf(w, format, args...) }

func (w *pageWriter) head(p *Proof, c *Claims) {
	sum := sha256.Sum256([]byte(style))
	first, last := c.Messages[0].Header.Number, c.Messages[len(c.Messages)-1].Header.Number
	name := fmt.Sprintf("%s/%d", p.Party, first)
	if last > first {
		name += fmt.Sprintf("–%d", last)
	}
	w.printf("%s<head>\n<meta charset=\"utf-8\">\n", pageTop)
	w.printf("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n", base64.StdEncoding.EncodeToString(sum[:]))
	w.printf("<meta name=\"viewport\" content=\"width=device-width\">\n<title>Parley proof %s</title>\n<style>%s</style>\n</head>\n<body>\n", name, style)
	w.printf("<header><span>Parley</span><h1>%s</h1></header>\n", name)
}

// words sets the words: what officers signed apart from what is said of it.
func (w *pageWriter) words(said []saying) {
	open := ""
	change := func(to string) {
		if open == to {
			return
		}
		if open != "" {
			w.printf("</div>\n")
		}
		if to != "" {
			w.printf("<div %s>\n", to)
		}
		open = to
	}
	for _, s := range said {
		text := escape(s.text)
		switch s.kind {
		case gap:
			change("")
			w.printf("<p class=\"gap\"></p>\n")
		case title:
			w.printf("<p class=\"title\">%s</p>\n", text)
		case heading:
			change("")
			w.printf("<h2>%s</h2>\n", text)
		case body:
			change(fmt.Sprintf("class=\"body\" dir=\"auto\" lang=\"%s\"", s.lang))
			// The paragraph isolates: it needs no marks.
			w.printf("<p dir=\"auto\">%s</p>\n", text)
		default:
			change("")
			w.printf("<p>%s</p>\n", text)
		}
	}
	change("")
}

// codes draws the QR codes, each a path of its dark modules.
func (w *pageWriter) codes(codes []string) error {
	w.printf("<section class=\"codes\">\n<h2>For a program</h2>\n")
	if strings.HasPrefix(codes[0], CodeTitle+"0/0:") {
		w.printf("<p>The code names the proof below and cannot replace it: ask for the file.</p>\n")
	} else {
		w.printf("<p>The codes hold the proof. Scan all of them, in order, each to a line of a file, and give that to parley-verify.</p>\n")
	}
	for i, text := range codes {
		code, err := qr.Encode(text, qr.M)
		if err != nil {
			return fmt.Errorf("append page: code %d: %w", i+1, err)
		}
		const quiet = 4
		side := code.Size + 2*quiet
		w.printf("<figure><svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"QR code %d of %d\"><path d=\"", side, side, i+1, len(codes))
		for y := range code.Size {
			for x := 0; x < code.Size; {
				run := 0
				for x+run < code.Size && code.Black(x+run, y) {
					run++
				}
				if run > 0 {
					w.printf("M%d %dh%dv1h-%dz", x+quiet, y+quiet, run, run)
				}
				x += run + 1
			}
		}
		w.printf("\"/></svg><figcaption>%d of %d</figcaption></figure>\n", i+1, len(codes))
	}
	w.printf("</section>\n")
	return nil
}
