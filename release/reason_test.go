package release_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"parley/release"
	"parley/wire"
)

func TestReason(t *testing.T) {
	for err, want := range map[error]wire.Reason{
		wire.ErrMalformed: wire.ReasonMalformed, wire.ErrForm: wire.ReasonMalformed, wire.ErrVersion: wire.ReasonVersion,
		wire.ErrText: wire.ReasonText, wire.ErrLimit: wire.ReasonLimit, release.ErrQuorum: wire.ReasonQuorum,
		release.ErrSignature: wire.ReasonSignature, release.ErrOfficer: wire.ReasonOfficer, release.ErrAddressee: wire.ReasonAddressee,
		release.ErrLine: wire.ReasonLine, release.ErrReplay: wire.ReasonReplay, release.ErrDesk: wire.ReasonDesk,
		errors.New("the disk is full"): 0, nil: 0,
	} {
		if err != nil {
			err = fmt.Errorf("verify: %w", err)
		}
		if got := release.Reason(err); got != want {
			t.Errorf("%v: reason %d, want %d", err, got, want)
		}
	}
}

func TestReasonText(t *testing.T) {
	seen := make(map[string]wire.Reason)
	for v := wire.ReasonMalformed; v <= wire.ReasonSeen; v++ {
		text := release.ReasonText(v)
		if other, twice := seen[text]; twice || strings.Contains(text, "not known here (") {
			t.Errorf("reason %d reads %q, as %d does", v, text, other)
		}
		seen[text] = v
	}
	for _, v := range []wire.Reason{0, 15, 255} {
		if text := release.ReasonText(v); !strings.Contains(text, fmt.Sprint(v)) {
			t.Errorf("reason %d, of a later version, reads %q", v, text)
		}
	}
}
