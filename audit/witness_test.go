package audit_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"parley"
	"parley/audit"
	"parley/internal/recordtest"
	"parley/internal/rostertest"
	"parley/roster"
	"parley/transcript"
)

var (
	witness1 = recordtest.NewWitness("witness.example/w1")
	witness2 = recordtest.NewWitness("witness.example/w2")
)

// seen is a conversation of which witnesses cosigned north's log at 1 and at 3, and
// south's at 1.
func seen(t testing.TB) *recordtest.Record {
	r := recordtest.New(t, rostertest.New(t))
	r.Say("north", "one")
	r.Witness("north", witness1)
	r.Say("north", "two")
	r.Cosign("north")
	r.Say("south", "heard")
	r.Witness("south", witness2)
	r.Say("north", "three")
	r.Witness("north", witness1, witness2)
	r.Say("north", "four")
	return r
}

func witnessKeys(t testing.TB, list ...recordtest.Witness) (keys []transcript.WitnessKey) {
	for _, w := range list {
		k, err := transcript.ParseWitnessKey(w.Key())
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys
}

// audited is the report on a file, with a roster or with the key of one log.
func audited(t testing.TB, f transcript.File, r *roster.Roster, key *transcript.LogKey, o audit.Options) *audit.Report {
	t.Helper()
	text, err := transcript.AppendFile(nil, f)
	if err != nil {
		t.Fatal(err)
	}
	read, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	o.Most = 10
	a := audit.New(read, r, o)
	if key != nil {
		a = audit.NewWithKeys(read, []transcript.LogKey{*key}, o)
	}
	for w := a.Next(); w != nil; w = a.Next() {
		w.Do()
		a.Take(w)
	}
	report, err := a.Report()
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestWitnessed(t *testing.T) {
	r := seen(t)
	f := r.File("north")
	line := r.Line.Roster
	type sight struct {
		size  uint64
		at    parley.Time
		name  string
		known bool
	}
	sights := func(l audit.Log) (out []sight) {
		for _, w := range l.Witnessed {
			out = append(out, sight{w.Size, w.At - recordtest.Start, w.Name, w.Known})
		}
		return out
	}
	const w1, w2 = "witness.example/w1", "witness.example/w2"
	key := transcript.LogKey{Line: line.Line, Log: r.Line.North.Log, Key: r.Line.North.Side.LogKey}
	for _, tt := range []struct {
		name         string
		key          *transcript.LogKey
		by           []recordtest.Witness
		north, south []sight
	}{
		{"both known", nil, []recordtest.Witness{witness2, witness1},
			[]sight{{1, 2000, w1, true}, {3, 8000, w1, true}, {3, 8000, w2, true}}, []sight{{1, 6000, w2, true}}},
		{"one known", nil, []recordtest.Witness{witness2},
			[]sight{{1, 2000, w1, false}, {3, 8000, w1, false}, {3, 8000, w2, true}}, []sight{{1, 6000, w2, true}}},
		{"none known", nil, nil,
			[]sight{{1, 2000, w1, false}, {3, 8000, w1, false}, {3, 8000, w2, false}}, []sight{{1, 6000, w2, false}}},
		{"by a log key", &key, []recordtest.Witness{witness1},
			[]sight{{1, 2000, w1, true}, {3, 8000, w1, true}, {3, 8000, w2, false}}, nil},
	} {
		report := audited(t, f, line, tt.key, audit.Options{Witnesses: witnessKeys(t, tt.by...)})
		if report.Wrong != nil {
			t.Errorf("%s: %v", tt.name, report.Wrong)
		}
		for i, want := range [][]sight{tt.north, tt.south} {
			if got := sights(report.Logs[i]); !slices.Equal(got, want) {
				t.Errorf("%s: of log %d %v, want %v", tt.name, i, got, want)
			}
		}
	}
}

// A bad cosignature is wrong, and touches nothing else; a checkpoint that the log key
// signed of another history is a wrong thing of the log.
func TestWitnessedWrong(t *testing.T) {
	r := seen(t)
	line := r.Line.Roster
	other := recordtest.New(t, r.Line)
	other.Say("north", "another first")
	other.Witness("north", witness1)
	another := other.File("north").Logs[0].Witnessed[0]
	keys := witnessKeys(t, witness1, witness2)
	for name, tt := range map[string]struct {
		spoil   func(l *transcript.FileLog)
		want    error
		entry   uint64
		checked uint64
	}{
		"a bit of the cosignature": {func(l *transcript.FileLog) { l.Witnessed[1] = changed(l.Witnessed[1], 5) }, transcript.ErrSignature, 0, 4},
		"a bit of the log's":       {func(l *transcript.FileLog) { l.Witnessed[1] = changed(l.Witnessed[1], 4) }, transcript.ErrSignature, 0, 4},
		"of the other log":         {func(l *transcript.FileLog) { l.Witnessed = r.File("north").Logs[1].Witnessed }, transcript.ErrLog, 0, 4},
		"of another history":       {func(l *transcript.FileLog) { l.Witnessed[0] = another }, audit.ErrAltered, 1, 0},
	} {
		f := r.File("north")
		tt.spoil(&f.Logs[0])
		report := audited(t, f, line, nil, audit.Options{Witnesses: keys})
		l := report.Logs[0]
		if report.Wrong == nil || !errors.Is(report.Wrong, audit.ErrWitnessed) || !errors.Is(report.Wrong, tt.want) || report.Wrong.Entry != tt.entry || l.Checked != tt.checked {
			t.Errorf("%s: %v, %d entries checked", name, report.Wrong, l.Checked)
		}
	}

	f := r.File("north")
	f.Logs[0].Witnessed = nil
	if report := audited(t, f, line, nil, audit.Options{Witnesses: keys}); report.Wrong != nil || len(report.Logs[0].Witnessed) > 0 {
		t.Errorf("left out: %v", report.Wrong)
	}
}

// A log that was renewed is cosigned under each of its names.
func TestWitnessedRenewed(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	r.Say("north", "one")
	r.Witness("north", witness1)
	r.Renew("north")
	r.Say("north", "two")
	r.Witness("north", witness1)
	report := audited(t, r.File("south"), r.Line.Roster, nil, audit.Options{Witnesses: witnessKeys(t, witness1)})
	if l := report.Logs[0]; report.Wrong != nil || len(l.Witnessed) != 2 || !l.Witnessed[0].Known || !l.Witnessed[1].Known {
		t.Errorf("%v, %+v", report.Wrong, l.Witnessed)
	}
}

// Notes stand in a file in the order of their sizes, one of each, and none is of more
// than stands there.
func TestWitnessedForm(t *testing.T) {
	r := seen(t)
	good := r.File("north").Logs[0].Witnessed
	for name, list := range map[string][][]byte{
		"not sorted": {good[1], good[0]},
		"twice":      {good[0], good[0]},
		"beyond":     {good[0], good[1], good[1]},
		"no note":    {good[0][:20]},
		"too many":   make([][]byte, transcript.MaxMoments+1),
	} {
		f := r.File("north")
		f.Logs[0].Witnessed = list
		if _, err := transcript.AppendFile(nil, f); !errors.Is(err, transcript.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := r.File("north")
	f.Logs[0].Entries = f.Logs[0].Entries[:2]
	if _, err := transcript.AppendFile(nil, f); !errors.Is(err, transcript.ErrMalformed) {
		t.Errorf("of more than stands there: %v", err)
	}
}

// TestEveryMutationOfAWitness: whatever byte is altered of what a witness cosigned, the
// file is refused, or nobody is said to have seen anything: a name that nobody knows
// stands for nothing.
func TestEveryMutationOfAWitness(t *testing.T) {
	r := recordtest.New(t, rostertest.New(t))
	r.Say("north", "All is quiet.")
	r.Witness("north", witness1)
	text, err := transcript.AppendFile(nil, r.File("south"))
	if err != nil {
		t.Fatal(err)
	}
	keys := witnessKeys(t, witness1)
	proved := func(text []byte) bool {
		read, err := transcript.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return false
		}
		a := audit.New(read, r.Line.Roster, audit.Options{Most: 1, Witnesses: keys})
		for w := a.Next(); w != nil; w = a.Next() {
			w.Do()
			a.Take(w)
		}
		report, err := a.Report()
		return err == nil && report.Wrong == nil && slices.ContainsFunc(report.Logs[0].Witnessed, func(w audit.Witnessed) bool { return w.Known })
	}
	if !proved(text) {
		t.Fatal("the file is not proved as it is")
	}
	body := text[:bytes.LastIndex(text, []byte("END "))]
	from, to := bytes.Index(body, []byte("\nwitnessed\n"))+1, bytes.Index(body, []byte("\nlog south "))
	tried, step := 0, 1
	if testing.Short() {
		step = 7
	}
	for at := from; at < to; at += step {
		for _, with := range []string{string(body[at] ^ 1), ""} {
			if tried++; proved(withEnd(string(body[:at]) + with + string(body[at+1:]))) {
				t.Fatalf("byte %d altered, and proved:\n%s", at, body)
			}
		}
	}
	t.Logf("%d mutations", tried)
}
