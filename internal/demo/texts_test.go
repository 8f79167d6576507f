package demo_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"parley/internal/demo"
	"parley/wire"
)

func TestTexts(t *testing.T) {
	texts, err := demo.Texts()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, text := range texts {
		count[text.Language]++
	}
	for _, language := range []string{"ar", "en", "es", "fr", "ru", "zh"} {
		if count[language] != 12 {
			t.Errorf("%d texts in %s", count[language], language)
		}
	}
	if len(count) != 6 || texts[0].Language == texts[1].Language {
		t.Errorf("the languages do not take turns: %v", count)
	}
}

func TestParseTexts(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"one":                    {"one", []string{"one"}},
		"a break at the end":     {"one\n", []string{"one"}},
		"two":                    {"one\ntwo\n\n\nthree\n \nfour", []string{"one\ntwo", "three", "four"}},
		"spaces are kept":        {"\n\n  one \n\ttwo  \n", []string{"  one \n\ttwo  "}},
		"marks of Arabic, Hindi": {"مرحبا\u200f\n\nक\u200dष", []string{"مرحبا\u200f", "क\u200dष"}},
	} {
		t.Run(name, func(t *testing.T) {
			texts, err := demo.ParseTexts([]byte(c.text), "und")
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, text := range texts {
				got = append(got, text.Body)
			}
			if strings.Join(got, "|") != strings.Join(c.want, "|") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestParseTextsRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"nothing":     {" \n\n\t\n", demo.ErrNoText},
		"no UTF-8":    {"one\n\n\xff", wire.ErrText},
		"no NFC":      {"e\u0301", wire.ErrText},
		"an override": {"one \u202e two", wire.ErrText},
		"too long":    {strings.Repeat("x", wire.MaxBody+1), wire.ErrLimit},
	} {
		t.Run(name, func(t *testing.T) {
			if texts, err := demo.ParseTexts([]byte(c.text), "und"); !errors.Is(err, c.want) {
				t.Errorf("got %v and %v, want %v", texts, err, c.want)
			}
		})
	}
}

func FuzzParseTexts(f *testing.F) {
	f.Add([]byte("one\ntwo\n\nthree\n"))
	f.Add([]byte("\n \n\xff"))
	f.Fuzz(func(t *testing.T, b []byte) {
		texts, err := demo.ParseTexts(b, "und")
		if err != nil {
			return
		}
		for _, text := range texts {
			i := bytes.Index(b, []byte(text.Body))
			if i < 0 {
				t.Fatalf("%q is not in %q", text.Body, b)
			}
			if err := wire.CheckText(text.Body); err != nil || text.Body == "" {
				t.Fatalf("%q: %v", text.Body, err)
			}
			b = b[i+len(text.Body):]
		}
		if len(bytes.TrimSpace(b)) > 0 {
			t.Fatalf("%q was left out", b)
		}
	})
}
