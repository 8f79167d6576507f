package lab_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parley/internal/hometest"
	"parley/internal/lab"
)

// open makes a lab with disks that can be filled or, where there can be none,
// without.
func open(t *testing.T, seed uint64, disk int64) (l *lab.Lab, disks bool) {
	t.Helper()
	o := lab.Options{Command: hometest.Station(t), Seed: seed, Log: t.Output(), Disk: disk}
	l, err := lab.New(t.Context(), o)
	if errors.Is(err, lab.ErrNoDisk) {
		t.Logf("NOT TESTED: full disks: %v", err)
		o.Disk = 0
		l, err = lab.New(t.Context(), o)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l, o.Disk > 0
}

// TestScripts gives two stations the bad hours of testdata, one after the other:
// R3, R5, R14, R15.
func TestScripts(t *testing.T) {
	if testing.Short() {
		t.Skip("takes many seconds")
	}
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no scripts, %v", err)
	}
	l, disks := open(t, 1, lab.DiskFor(0))
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if !disks && strings.Contains(string(text), "\nfull disk") {
				t.Skip("NOT TESTED: it fills a disk, which cannot be done here")
			}
			script, err := lab.Parse(string(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(l.Run(t.Context(), script), l.MendAll(t.Context())); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// TestParse: what is wrong with a line is said, with its number.
func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"\n# nothing\nfly south":           `line 3: there is no command "fly"`,
		"cut":                              `"" is not a route: one of cable, radio, satellite, pouch`,
		"cut all":                          "all is for mend and hostile alone",
		"cut cable now":                    `"now" is too much (cut route)`,
		"one-way cut cable east":           `"east" is not a party: one of north, south`,
		"path cable":                       `"" is no weather`,
		"path cable loss 2":                `"2" is not a chance between 0% and 100%`,
		"path cable loss 2% loss 3%":       "loss is said twice",
		"path cable burst 2%":              `"" is not a chance`,
		"path cable rate 0":                `"0" is not a number`,
		"flap cable 2s":                    "how long is missing",
		"flap cable 0s for 2s":             `"0s" is not a time`,
		"say north urgent a":               `"urgent"`,
		"say north flash":                  "there is nothing to say",
		"say north flash x2":               "there is nothing to say",
		"say north flash a\x07":            "control character",
		"expect held north many":           `"many" is not a number`,
		"wait proved within forever":       `"forever" is not a time`,
		"clock north 3 days":               `"3" is not how far a clock is ahead`,
		"hostile south cable rude":         `"rude" is not a manner: one of garbage, deaf, old-epochs`,
		"expect bounded north disk 3":      `"disk" is not memory`,
		"wait status north":                "there is nothing to say",
		"kill north\nkill north and south": "line 2:",
		"\xff":                             "no UTF-8",
	} {
		_, err := lab.Parse(text)
		if !errors.Is(err, lab.ErrScript) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzParse: what a command is written as reads as the same command.
func FuzzParse(f *testing.F) {
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(b))
	}
	f.Add("path radio south burst 0.1%/20% reorder 3% mtu 600 rate 9600\nmend all\nwait down radio within 3s")
	f.Fuzz(func(t *testing.T, text string) {
		script, err := lab.Parse(text)
		if err != nil {
			return
		}
		for _, c := range script {
			again, err := lab.Parse(c.String())
			if err != nil || len(again) != 1 || again[0].String() != c.String() || again[0].Verb != c.Verb {
				t.Fatalf("%q reads as %v, %v", c.String(), again, err)
			}
		}
	})
}
