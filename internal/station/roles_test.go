package station_test

import (
	"crypto"
	"strings"
	"testing"
	"time"

	"parley"
	"parley/internal/station"
	"parley/internal/stationtest"
	"parley/receipt"
	"parley/roster"
	"parley/seal"
	"parley/transcript"
	"parley/wire"
)

// Every statement that one station makes to the other, signed with each key
// that is not the one of its role, and with the addressee's own, is refused and
// changes nothing; signed with the right one, it is taken (DESIGN §4, Keys).
func TestKeysOfTheWrongRole(t *testing.T) {
	w := stationtest.New(t, two)
	f := stationtest.NewFoe(w)
	w.North.Say(parley.Routine, "ours")
	f.Send(f.Frame(f.Good("theirs")))
	w.North.Await("their entry", arrived(1))

	_, officer := f.Side.Officer(t, "south a")
	keys := map[roster.Role]crypto.Signer{
		roster.RoleRoot: f.Side.RootKey, roster.RoleOfficer: officer, roster.RoleLog: f.Side.LogKey,
		roster.RoleStation: f.Side.StationKey, roster.RoleReceipt: f.Side.ReceiptKey, roster.RoleHop: f.Side.HopKey,
	}
	own := map[roster.Role]crypto.Signer{
		roster.RoleLog: w.Line.North.LogKey, roster.RoleStation: w.Line.North.StationKey, roster.RoleReceipt: w.Line.North.ReceiptKey,
	}
	says := statements(t, w, f)
	tried := 0
	for name, s := range says {
		for role, key := range keys {
			if role != s.role {
				f.Send(s.frame(key))
				tried++
			}
		}
		f.Send(s.frame(own[s.role]))
		tried++
		t.Logf("%s: tried", name)
	}
	f.Send(f.Frame(f.Good("after")))
	w.North.Await("the message after them", arrived(2))
	refused := refusedFrames(t, w.North)
	for _, e := range w.North.Events() {
		switch e.Kind {
		case station.EventProved, station.EventSingle, station.EventDisputed, station.EventChecked, station.EventAlarm, station.EventRefused:
			t.Errorf("a key of the wrong role brought about %s: %s", e.Kind, e.Text)
		}
	}
	if refused != tried {
		t.Errorf("of %d statements with keys of the wrong role %d were refused", tried, refused)
	}
	st, err := w.North.Line.Status(t.Context())
	if err != nil || st.Theirs.Cosigned != 0 || st.Ours.Cosigned != 0 || st.Ours.Refusals != 0 {
		t.Errorf("after them: %+v, %v", st, err)
	}

	f.Send(says["receipt"].frame(f.Side.ReceiptKey))
	w.North.Await("the right receipt", of(station.EventSingle))
	f.Send(says["refusal"].frame(f.Side.StationKey))
	w.North.Await("the right refusal", of(station.EventDisputed))
	f.Send(says["cosigned"].frame(f.Side.ReceiptKey))
	w.North.Proved(1)
}

func of(k station.EventKind) func(station.Event) bool {
	return func(e station.Event) bool { return e.Kind == k }
}

// halted accepts the alarm that our own log must not grow any more: others may
// come before it.
func halted(e station.Event) bool {
	return e.Kind == station.EventAlarm && strings.Contains(e.Text, "nothing more is signed")
}

// statement is something that south says with a key of one role.
type statement struct {
	role  roster.Role
	frame func(crypto.Signer) []byte
}

// statements are all kinds of them, about the first entry of both logs.
func statements(t *testing.T, w *stationtest.World, f *stationtest.Foe) map[string]statement {
	t.Helper()
	line, log, now := w.Line.Roster.Line, w.Line.North.Log, parley.TimeOf(time.Now())
	ours, err := w.North.Journal.Record(log, 1)
	if err != nil {
		t.Fatal(err)
	}
	row, err := w.North.Journal.Log(log)
	if err != nil {
		t.Fatal(err)
	}
	must := func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	part := func(role roster.Role, p wire.PartType, sign func(crypto.Signer) ([]byte, error)) statement {
		return statement{role, func(k crypto.Signer) []byte { return f.Frame(wire.Part{Type: p, Bytes: must(sign(k))}) }}
	}
	theirs := f.Head
	return map[string]statement{
		"checkpoint": part(roster.RoleLog, wire.PartCheckpoint, func(k crypto.Signer) ([]byte, error) {
			c, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: line, Log: f.Side.Log, Size: 1, Root: theirs}, k)
			return c.Note(), err
		}),
		"cosigned": part(roster.RoleReceipt, wire.PartCosigned, func(k crypto.Signer) ([]byte, error) {
			c, err := transcript.OpenCheckpoint(row.Checkpoint, line, log, w.Line.North.Side.LogKey)
			if err != nil {
				return nil, err
			}
			return receipt.Cosign(c, w.Line.Roster, "south", k, now)
		}),
		"receipt": part(roster.RoleReceipt, wire.PartReceipt, func(k crypto.Signer) ([]byte, error) {
			return receipt.Issue(wire.Receipt{Log: log, Number: 1, Leaf: ours.Leaf, Received: now, Size: 1}, k)
		}),
		"refusal": part(roster.RoleStation, wire.PartRefusal, func(k crypto.Signer) ([]byte, error) {
			return receipt.Refuse(wire.Refusal{Log: log, Number: 1, Leaf: ours.Leaf, Reason: wire.ReasonQuorum, Time: now}, k)
		}),
		"check": part(roster.RoleStation, wire.PartCheck, func(k crypto.Signer) ([]byte, error) {
			return receipt.IssueCheck(wire.Check{Line: line, From: "south", Nonce: [8]byte{1}, Time: now, Channel: "one", Roster: w.Line.Roster.Hash()}, k)
		}),
		"closed": part(roster.RoleStation, wire.PartClosed, func(k crypto.Signer) ([]byte, error) {
			return receipt.IssueClosed(wire.Closed{Line: line, From: "south", Epoch: f.Epoch.ID(), Time: now}, k)
		}),
		"prekeys": part(roster.RoleStation, wire.PartPrekeys, func(k crypto.Signer) ([]byte, error) {
			_, public, err := seal.NewPrekey()
			if err != nil {
				return nil, err
			}
			return receipt.IssuePrekeys(wire.Prekeys{Line: line, From: "south", LastResort: public, Time: now}, k)
		}),
		"opening": {roster.RoleStation, func(k crypto.Signer) []byte {
			e, opening, err := seal.NewEpoch(seal.Terms{Line: line, Roster: w.Line.Roster.Hash(), From: "south", To: "north"}, w.Line.North.LastResort, k)
			if err != nil {
				t.Fatal(err)
			}
			good := f.Good("under an epoch of the wrong key")
			f.Number, f.Head = 1, theirs // it was never said
			return must(e.Seal(wire.Wide, wire.Tag(line, "south"), opening, must(wire.AppendBundle(nil, []wire.Part{good}))))
		}},
	}
}
