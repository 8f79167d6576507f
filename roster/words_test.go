package roster_test

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/roster"
)

//go:embed english.txt
var english string

// The list is the one everybody else has: github.com/bitcoin/bips, bip-0039/english.txt.
func TestWordListIsThePublishedOne(t *testing.T) {
	const want = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
	if got := hex.EncodeToString(sum(english)); got != want {
		t.Errorf("SHA-256 of english.txt is %s, want %s", got, want)
	}
	if n := len(strings.Fields(english)); n != 2048 {
		t.Errorf("it holds %d words, want 2048", n)
	}
}

func sum(s string) []byte { h := sha256.Sum256([]byte(s)); return h[:] }

// The words are the hash read as one number, in base 2048, from the left.
func TestWordsAreTheHash(t *testing.T) {
	list := strings.Fields(english)
	check := func(line parley.LineID) {
		t.Helper()
		number := new(big.Int).SetBytes(line[:])
		number.Rsh(number, 256-132)
		want := make([]string, 12)
		for i := 11; i >= 0; i-- {
			digit := new(big.Int)
			number.DivMod(number, big.NewInt(2048), digit)
			want[i] = list[digit.Int64()]
		}
		if got := (&roster.Roster{Line: line}).Words(); got != strings.Join(want, " ") {
			t.Errorf("%v: %s, want %s", line, got, strings.Join(want, " "))
		}
	}
	for i := range 200 {
		check(parley.LineID(sum(fmt.Sprint(i))))
	}
	var line parley.LineID
	if got := (&roster.Roster{Line: line}).Words(); got != strings.TrimSpace(strings.Repeat("abandon ", 12)) {
		t.Errorf("zeros: %s", got)
	}
	for bit := range 132 {
		line = parley.LineID{}
		line[bit/8] = 0x80 >> (bit % 8)
		check(line)
	}
}

func TestCheckWords(t *testing.T) {
	r := rostertest.New(t).Roster
	words := r.Words()
	for _, typed := range []string{words, strings.ToUpper(words), " \t" + strings.ReplaceAll(words, " ", "\n  ") + "\n"} {
		if err := r.CheckWords(typed); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	}
	for i := range 12 {
		w := strings.Fields(words)
		for j := i; j < 12; j++ { // and everything after it differs as well
			w[j] += "x"
		}
		err := r.CheckWords(strings.Join(w, " "))
		if !errors.Is(err, roster.ErrWords) || !strings.Contains(err.Error(), fmt.Sprintf("word %d is", i+1)) {
			t.Errorf("word %d wrong: %v", i+1, err)
		}
	}
	for typed, says := range map[string]string{
		"": "0 words",
		strings.Join(strings.Fields(words)[:11], " "): "11 words",
		words + " more":                 "13 words",
		strings.Repeat("abandon ", 500): "more was typed",
	} {
		if err := r.CheckWords(typed); !errors.Is(err, roster.ErrWords) || !strings.Contains(err.Error(), says) {
			t.Errorf("%.30q: %v, want %q in it", typed, err, says)
		}
	}
}
