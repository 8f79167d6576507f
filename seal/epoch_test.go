package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"parley/seal"
	"parley/wire"
)

func TestStoredEpochsReadBack(t *testing.T) {
	sender, addressee, opening := newWay(t, 1, "north", "south").open(t)
	sender, addressee = restore(t, sender), restore(t, addressee)
	_, f := frame(t, sender, wire.Wide, opening, []byte("bundle"))
	if got, err := addressee.Open(f); err != nil || string(got) != "bundle" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := sender.Open(f); err != seal.ErrOpen {
		t.Fatalf("the sender's end forgot its direction: %v", err)
	}
}

func restore(t *testing.T, e *seal.Epoch) *seal.Epoch {
	t.Helper()
	b, err := e.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	r, err := seal.UnmarshalEpoch(b)
	if err != nil {
		t.Fatal(err)
	}
	if r.ID() != e.ID() || r.Tag() != e.Tag() {
		t.Fatalf("%v came back as %v", e, r)
	}
	return r
}

func TestUnmarshalEpochRefuses(t *testing.T) {
	sender, _, _ := newWay(t, 1, "north", "south").open(t)
	whole, err := sender.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(b []byte)) []byte {
		b := bytes.Clone(whole)
		f(b)
		return b
	}
	direction := bytes.IndexByte(whole, 0) + 1
	for what, b := range map[string][]byte{
		"nothing":              nil,
		"cut off":              whole[:len(whole)-1],
		"something behind":     append(bytes.Clone(whole), 0),
		"another file":         change(func(b []byte) { b[0]++ }),
		"no direction":         change(func(b []byte) { b[direction] = 0 }),
		"a third direction":    change(func(b []byte) { b[direction] = 3 }),
		"a blank secret":       change(func(b []byte) { clear(b[len(b)-32:]) }),
		"zeros of its size":    make([]byte, len(whole)),
		"the secret by itself": whole[len(whole)-32:],
	} {
		if e, err := seal.UnmarshalEpoch(b); !errors.Is(err, seal.ErrEpoch) || e != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestEpochsPrintNoSecret(t *testing.T) {
	sender, _, _ := newWay(t, 1, "north", "south").open(t)
	stored, err := sender.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	secret := stored[len(stored)-32:]

	var out strings.Builder
	for _, v := range []any{sender, *sender, struct{ E *seal.Epoch }{sender}, struct{ E seal.Epoch }{*sender}, []seal.Epoch{*sender}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		j, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(j)
		slog.New(slog.NewTextHandler(&out, nil)).Info("text", "epoch", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "epoch", v)
	}
	decimal := strings.Trim(fmt.Sprint(secret), "[]")
	for how, shown := range map[string]string{
		"in hex":                hex.EncodeToString(secret[:8]),
		"in upper-case hex":     strings.ToUpper(hex.EncodeToString(secret[:8])),
		"in base64":             base64.StdEncoding.EncodeToString(secret[:9]),
		"as it is":              string(secret[:8]),
		"in decimal":            decimal[:24],
		"in decimal, by commas": strings.ReplaceAll(decimal[:24], " ", ","),
		"as Go":                 fmt.Sprintf("%#v", secret[:4])[7:20],
	} {
		if strings.Contains(out.String(), shown) {
			t.Errorf("the secret is shown %s", how)
		}
	}
	if !strings.Contains(out.String(), sender.ID().String()) {
		t.Errorf("the epoch is not named:\n%s", out.String())
	}
}

func FuzzUnmarshalEpoch(f *testing.F) {
	sender, addressee, _ := newWay(f, 1, "north", "south").open(f)
	for _, e := range []*seal.Epoch{sender, addressee} {
		b, err := e.MarshalBinary()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := seal.UnmarshalEpoch(b)
		if err != nil {
			if !errors.Is(err, seal.ErrEpoch) {
				t.Fatal(err)
			}
			return
		}
		again, err := e.MarshalBinary()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("%x stores as %x (%v)", b, again, err)
		}
	})
}
