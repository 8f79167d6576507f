package keyring

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

const sample = `parley-key v1 officer adams
kdf argon2id 65536 3 1
salt AAECAwQFBgcICQoLDA0ODw==
public AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v
MDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZH
end
`

func TestParseKeyFile(t *testing.T) {
	k, err := parseKeyFile([]byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if k.role != roleOfficer || k.name != "adams" || k.cost != defaultCost ||
		len(k.salt) != 16 || len(k.public) != 32 || len(k.sealed) != 72 || k.sealed[71] != 71 {
		t.Errorf("parsed as %+v", k)
	}
}

func TestParseKeyFileRefuses(t *testing.T) {
	edit := func(old, new string) string { return strings.Replace(sample, old, new, 1) }
	for name, s := range map[string]string{
		"empty":               "",
		"cut":                 strings.TrimSuffix(sample, "end\n"),
		"cut in the keys":     sample[:len(sample)-20],
		"more after the end":  sample + "x\n",
		"another version":     edit("v1", "v2"),
		"unknown role":        edit("officer", "admiral"),
		"name with a slash":   edit("adams", "../adams"),
		"no name":             edit(" adams", ""),
		"two names":           edit("adams", "adams baker"),
		"CRLF":                strings.ReplaceAll(sample, "\n", "\r\n"),
		"memory over 1 GiB":   edit("65536", "1048577"),
		"memory of a planet":  edit("65536", "4294967295"),
		"memory past 32 bits": edit("65536", "4295032832"),
		"no memory":           edit("65536", "0"),
		"too many passes":     edit(" 3 1", " 17 1"),
		"no passes":           edit(" 3 1", " 0 1"),
		"no lanes":            edit(" 3 1", " 3 0"),
		"lanes past 8 bits":   edit(" 3 1", " 3 257"),
		"number with a zero":  edit(" 3 1", " 03 1"),
		"number with a sign":  edit(" 3 1", " +3 1"),
		"another kdf":         edit("argon2id", "scrypt"),
		"short salt":          edit("DA0ODw==", "DA0O"),
		"loose base64 bits":   edit("DA0ODw==", "DA0ODx=="),
		"no public key":       edit("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nAA", "\nAA"),
		"long line":           edit("KissLS4v\n", "KissLS4v"),
		"empty line":          edit("\nMDEy", "\n\nMDEy"),
		"large":               edit("end\n", strings.Repeat(strings.Repeat("A", 64)+"\n", 200)+"end\n"),
	} {
		if s == sample {
			t.Errorf("%s: the edit changes nothing", name)
			continue
		}
		if k, err := parseKeyFile([]byte(s)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: parsed as %+v, %v; want ErrMalformed", name, k, err)
		}
	}
	for _, ok := range []string{edit("argon2id 65536 3 1", "none"), edit("65536 3 1", "1048576 16 16"), edit("officer adams", "root root")} {
		if _, err := parseKeyFile([]byte(ok)); err != nil {
			t.Errorf("%v for\n%s", err, ok)
		}
	}
}

// FuzzKeyFile: what parses is written back byte by byte the same, and asks for
// no more than a machine can give.
func FuzzKeyFile(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(strings.Replace(sample, "argon2id 65536 3 1", "none", 1)))
	f.Add([]byte(strings.Replace(sample, "officer adams", "station station", 1)))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parseKeyFile(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%v is not ErrMalformed", err)
			}
			return
		}
		if !bytes.Equal(k.append(nil), b) {
			t.Error("two spellings of one file")
		}
		if k.cost != (cost{}) && k.cost.check() != nil {
			t.Errorf("accepted a cost of %+v", k.cost)
		}
		if checkName(k.name) != nil {
			t.Errorf("accepted the name %q", k.name)
		}
	})
}

// FuzzCounter: what parses as a start counter is written back the same.
func FuzzCounter(f *testing.F) {
	f.Add([]byte("parley-starts v1 17\n"))
	f.Add([]byte("parley-starts v1 017\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if n, err := parseCounter(b); err == nil && !bytes.Equal(appendCounter(nil, n), b) {
			t.Errorf("%q parses as %d, which has another spelling", b, n)
		}
	})
}
