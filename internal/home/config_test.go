package home

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"parley/internal/keyring"
	"parley/internal/station"
)

const key = `"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="`

const good = `party = "north"
language = "en"
root = ` + key + `

[[officer]]
name = "alice"
desks = ["duty", "chief"]
key = ` + key + `

[line.south.channel.cable]
listen = "0.0.0.0:7700"

[line.south.channel.stick]
out = "/media/out"
in = "/media/in"

[line.south.quota]
messages = 500
flash-mebibytes = 2
free-mebibytes = -1

[[witness]]
key = "witness.example/w1+0d613567+BP/C4hlu9U89p0XWeYeMM0MT53bnZSj3/htoUtC6lWwb"
url = "https://witness.example/"
lines = ["south"]
every = "6h"
`

// witnessText is the witness of good.
const witnessText = `[[witness]]
key = "witness.example/w1+0d613567+BP/C4hlu9U89p0XWeYeMM0MT53bnZSj3/htoUtC6lWwb"
url = "https://witness.example/"
lines = ["south"]
every = "6h"
`

func TestConfig(t *testing.T) {
	c, err := parseConfig([]byte(good))
	if err != nil {
		t.Fatal(err)
	}
	if c.Party != "north" || c.Officers[0].Name != "alice" || c.Lines["south"].Channels["cable"].Listen != "0.0.0.0:7700" {
		t.Errorf("read %+v", c)
	}
	if got, want := c.Lines["south"].Quota.quota(), (station.Quota{Messages: 500, FlashBytes: 2 << 20, Room: -1}); got != want {
		t.Errorf("the quota is %+v, want %+v", got, want)
	}
	w, err := c.Witnesses[0].parsed()
	if err != nil || w.Key.Name() != "witness.example/w1" || w.URL != "https://witness.example" || w.Every != 6*time.Hour {
		t.Errorf("the witness is %+v, %v", w, err)
	}
	if !c.Witnesses[0].of("south") || c.Witnesses[0].of("west") || !(WitnessConfig{}).of("west") {
		t.Error("the witness is asked about other lines than it is for")
	}
	if got := c.desks(); !reflect.DeepEqual(got, []string{"chief", "duty"}) {
		t.Errorf("the desks are %v", got)
	}
}

func TestConfigRefusals(t *testing.T) {
	for _, c := range []struct{ name, old, new, want string }{
		{"not TOML", "party =", "party", "parley.toml"},
		{"unknown key", "party =", "colour = 1\nparty =", "means nothing"},
		{"unknown key of a channel", "listen =", "lisen =", "means nothing"},
		{"unknown key of a quota", "messages =", "message =", "means nothing"},
		{"quota below none", "= 500", "= -2", `line "south"`},
		{"quota beyond", "= 500", "= 1000000001", "messages"},
		{"quota of no time", "free-mebibytes", "hours = -1\nfree-mebibytes", "hours"},
		{"party", `"north"`, `"North"`, "not a valid name"},
		{"root", "root = ", `root = "x" #`, "root"},
		{"officer's key", "\nkey = ", "\nkey = \"AAAA\" #", `officer "alice"`},
		{"no desk", `["duty", "chief"]`, `[]`, "no desk"},
		{"desk", `"chief"`, `"north/chief"`, "not a valid name"},
		{"witness's key", "\nkey = \"witness", "\nkey = \"x", "witness key"},
		{"witness's key of a log", "+BP", "+AP", "witness key"},
		{"witness without a key", "\nkey = \"witness", "\n# \"", "witness key"},
		{"witness's address", "https://", "http://", "https"},
		{"unknown key of a witness", "every", "often", "means nothing"},
		{"witness's rhythm", `"6h"`, `"hourly"`, "hourly"},
		{"witness's rhythm too quick", `"6h"`, `"1ms"`, "1s"},
		{"witness's line", `["south"]`, `["South"]`, "not a valid name"},
		{"witness twice", "[[witness]]", witnessText + "[[witness]]", "twice"},
		{"officer twice", "[line.south.channel.cable]", "[[officer]]\nname = \"alice\"\ndesks = [\"duty\"]\nkey = " + key + "\n[line.south.channel.cable]", "twice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(good, c.old, c.new, 1)
			if text == good {
				t.Fatal("nothing was changed")
			}
			_, err := parseConfig([]byte(text))
			if !errors.Is(err, ErrConfig) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want one about %q", err, c.want)
			}
		})
	}
}

// FuzzConfig: what is read is written so that it reads the same.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("party = 'n'\nroot = " + key))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseConfig(b)
		if err != nil {
			if !errors.Is(err, ErrConfig) {
				t.Fatalf("%v does not wrap ErrConfig", err)
			}
			return
		}
		first, err := c.bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := parseConfig(first)
		if err != nil {
			t.Fatalf("what was written does not read: %v\n%s", err, first)
		}
		second, err := again.bytes()
		if err != nil || !bytes.Equal(first, second) {
			t.Fatalf("written twice, it differs: %v\n%s\n%s", err, first, second)
		}
	})
}

func TestOneProcessAtATime(t *testing.T) {
	h := &Home{dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(h.dir, "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	unlock, err := h.lock()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.lock(); !errors.Is(err, ErrBusy) {
		t.Errorf("the second lock gave %v, want ErrBusy", err)
	}
	unlock()
	unlock, err = h.lock()
	if err != nil {
		t.Fatalf("after unlock: %v", err)
	}
	unlock()
}

// Officers are added under a lock of their own, to what the file says then: two
// processes lose none, and the station goes on (spec/CHANGE.md: a line is not
// stopped for a new officer).
func TestOfficersAreAddedOneByOne(t *testing.T) {
	dir := t.TempDir()
	secret := func(s string) keyring.Passphrase {
		p, err := keyring.NewPassphrase([]byte(s + " and much more of it, for a passphrase"))
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	one, err := Init(dir, InitOptions{Party: "north", Root: secret("root")})
	if err != nil {
		t.Fatal(err)
	}
	another, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := one.lock() // as parley serve has it
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if _, err := another.AddOfficer("alice", []string{"duty"}, secret("alice")); err != nil {
		t.Fatal(err)
	}
	if _, err := one.AddOfficer("bob", []string{"duty"}, secret("bob")); err != nil {
		t.Fatal(err)
	}
	now, err := Open(dir)
	if err != nil || len(now.Config().Officers) != 2 {
		t.Errorf("the file has %+v, %v; want alice and bob", now.Config().Officers, err)
	}
	if err := another.RemoveOfficer("bob"); err != nil { // which it had not read
		t.Error(err)
	}
	if err := another.RemoveOfficer("bob"); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
	if now, err = Open(dir); err != nil || len(now.Config().Officers) != 1 {
		t.Errorf("the file has %+v, %v; want alice", now.Config().Officers, err)
	}
}
