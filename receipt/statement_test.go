package receipt_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"errors"
	"maps"
	"reflect"
	"slices"
	"testing"

	"parley"
	"parley/internal/rostertest"
	"parley/receipt"
	"parley/roster"
	"parley/wire"
)

// spoken is one statement, issued and opened.
type spoken struct {
	role   roster.Role
	domain wire.Domain
	issue  func(ed25519.PrivateKey) ([]byte, error)
	open   func([]byte, ed25519.PublicKey) (any, error)
	want   any
}

func speak[T any](role roster.Role, d wire.Domain, v T, issue func(T, crypto.Signer) ([]byte, error), open func([]byte, ed25519.PublicKey) (T, error)) spoken {
	return spoken{
		role, d,
		func(key ed25519.PrivateKey) ([]byte, error) { return issue(v, key) },
		func(b []byte, pub ed25519.PublicKey) (any, error) { return open(b, pub) },
		v,
	}
}

func statements() map[string]spoken {
	line, log := parley.LineID{1}, parley.LogID{2}
	return map[string]spoken{
		"receipt": speak(roster.RoleReceipt, wire.DomainReceipt, wire.Receipt{Log: log, Number: 9, Leaf: parley.Hash{3}, Received: moment, Size: 7}, receipt.Issue, receipt.Verify),
		"refusal": speak(roster.RoleStation, wire.DomainRefusal, wire.Refusal{Log: log, Number: 9, Leaf: parley.Hash{3}, Reason: wire.ReasonQuorum, Time: moment}, receipt.Refuse, receipt.OpenRefusal),
		"check":   speak(roster.RoleStation, wire.DomainCheck, wire.Check{Line: line, From: "north", Nonce: [8]byte{4}, Time: moment, Channel: "one"}, receipt.IssueCheck, receipt.OpenCheck),
		"closed":  speak(roster.RoleStation, wire.DomainClosed, wire.Closed{Line: line, From: "north", Epoch: parley.EpochID{5}, Time: moment}, receipt.IssueClosed, receipt.OpenClosed),
		"closing": speak(roster.RoleReceipt, wire.DomainClosing, wire.Closing{Line: line, Party: "north", Closed: log, Size: 9, Opened: parley.LogID{8}, Time: moment}, receipt.IssueClosing, receipt.OpenClosing),
		"prekeys": speak(roster.RoleStation, wire.DomainPrekeys, wire.Prekeys{Line: line, From: "north", Keys: [][]byte{bytes.Repeat([]byte{6}, 1216)}, LastResort: bytes.Repeat([]byte{7}, 1216), Time: moment}, receipt.IssuePrekeys, receipt.OpenPrekeys),
	}
}

// keys are the keys of north by role.
func keys(t testing.TB, line *rostertest.Line) map[roster.Role]ed25519.PrivateKey {
	t.Helper()
	_, officer := line.North.Officer(t, "north a")
	return map[roster.Role]ed25519.PrivateKey{
		roster.RoleRoot: line.North.RootKey, roster.RoleOfficer: officer, roster.RoleLog: line.North.LogKey,
		roster.RoleStation: line.North.StationKey, roster.RoleReceipt: line.North.ReceiptKey, roster.RoleHop: line.North.HopKey,
	}
}

var domains = []wire.Domain{
	wire.DomainContent, wire.DomainOpening, wire.DomainPrekeys, wire.DomainRenewal, wire.DomainClosing, wire.DomainCheck,
	wire.DomainRefusal, wire.DomainClosed, wire.DomainReceipt, wire.DomainCard,
}

func TestStatements(t *testing.T) {
	byRole := keys(t, rostertest.New(t))
	for name, s := range statements() {
		b, err := s.issue(byRole[s.role])
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := s.open(b, byRole[s.role].Public().(ed25519.PublicKey))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !reflect.DeepEqual(got, s.want) {
			t.Errorf("%s: said %+v, opened %+v", name, s.want, got)
		}
	}
}

// TestRoleAndDomain signs the payload of every statement with the key of every
// role, under the key id of every role and in every domain: of these, the one
// right triple opens with the one right key, and nothing else with any.
func TestRoleAndDomain(t *testing.T) {
	byRole := keys(t, rostertest.New(t))
	roles := slices.Sorted(maps.Keys(byRole))
	for name, s := range statements() {
		right, err := s.issue(byRole[s.role])
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := wire.ParseSigned1(right)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range roles {
			key := byRole[role]
			pub := key.Public().(ed25519.PublicKey)
			for _, as := range roles {
				for _, d := range domains {
					signed, err := wire.Sign1(key, roster.KeyID(as, pub), d, parsed.Payload)
					if err != nil {
						t.Fatal(err)
					}
					b, err := wire.AppendSigned1(nil, signed)
					if err != nil {
						t.Fatal(err)
					}
					expected := byRole[s.role].Public().(ed25519.PublicKey) // whom the roster names
					_, err = s.open(b, expected)
					switch ok := role == s.role && as == s.role && d == s.domain; {
					case ok && err != nil:
						t.Errorf("%s by %s as %s in %s: %v", name, role, as, d, err)
					case !ok && !errors.Is(err, receipt.ErrSignature):
						t.Errorf("%s by %s as %s in %s: got %v, want ErrSignature", name, role, as, d, err)
					}
				}
			}
		}
	}
}

// TestStatementsAreNotEachOther: no statement opens as another.
func TestStatementsAreNotEachOther(t *testing.T) {
	byRole := keys(t, rostertest.New(t))
	all := statements()
	for said, a := range all {
		b, err := a.issue(byRole[a.role])
		if err != nil {
			t.Fatal(err)
		}
		for taken, s := range all {
			if _, err := s.open(b, byRole[a.role].Public().(ed25519.PublicKey)); said != taken && !errors.Is(err, receipt.ErrSignature) {
				t.Errorf("a %s opened as a %s: got %v, want ErrSignature", said, taken, err)
			}
		}
	}
}

func TestOpenRefusesBytes(t *testing.T) {
	byRole := keys(t, rostertest.New(t))
	for name, s := range statements() {
		good, err := s.issue(byRole[s.role])
		if err != nil {
			t.Fatal(err)
		}
		pub := byRole[s.role].Public().(ed25519.PublicKey)
		for at := 0; at < len(good); at += 1 + len(good)/200 {
			b := bytes.Clone(good)
			b[at] ^= 1
			if _, err := s.open(b, pub); !errors.Is(err, receipt.ErrSignature) && !errors.Is(err, receipt.ErrMalformed) && !errors.Is(err, wire.ErrLimit) {
				t.Errorf("%s with byte %d altered: got %v", name, at, err)
			}
			if _, err := s.open(good[:at], pub); !errors.Is(err, receipt.ErrMalformed) {
				t.Errorf("%s cut at byte %d: got %v, want ErrMalformed", name, at, err)
			}
		}
	}
}

func TestIssueRefuses(t *testing.T) {
	line := rostertest.New(t)
	if _, err := receipt.Issue(wire.Receipt{}, line.North.ReceiptKey); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("a receipt of entry 0: got %v, want ErrMalformed", err)
	}
	if _, err := receipt.Refuse(wire.Refusal{Number: 1}, line.North.StationKey); !errors.Is(err, wire.ErrMalformed) {
		t.Errorf("a refusal without a reason: got %v, want ErrMalformed", err)
	}
}

func FuzzVerify(f *testing.F)      { fuzz(f, "receipt", receipt.Verify) }
func FuzzOpenRefusal(f *testing.F) { fuzz(f, "refusal", receipt.OpenRefusal) }
func FuzzOpenCheck(f *testing.F)   { fuzz(f, "check", receipt.OpenCheck) }
func FuzzOpenClosed(f *testing.F)  { fuzz(f, "closed", receipt.OpenClosed) }
func FuzzOpenPrekeys(f *testing.F) { fuzz(f, "prekeys", receipt.OpenPrekeys) }

// fuzz looks for bytes that open and that nobody signed: a statement has one
// form, and its key made one signature for it.
func fuzz[T any](f *testing.F, name string, open func([]byte, ed25519.PublicKey) (T, error)) {
	s := statements()[name]
	key := keys(f, rostertest.New(f, rostertest.Seed("statements")))[s.role]
	good, err := s.issue(key)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := open(b, key.Public().(ed25519.PublicKey)); err == nil && !bytes.Equal(b, good) {
			t.Errorf("%x opens", b)
		}
	})
}
