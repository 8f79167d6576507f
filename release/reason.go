package release

import (
	"errors"
	"fmt"

	"parley/wire"
)

// reason pairs a reason of signed refusals with its words and with the
// sentinels it answers (spec/RECEIPT.md §4).
type reason struct {
	value wire.Reason
	text  string
	errs  []error
}

// reasons are in order: the first whose sentinel an error wraps is its reason.
func reasons() []reason {
	return []reason{
		{wire.ReasonSeen, "says to have seen what it cannot have seen", []error{ErrSeen}},
		{wire.ReasonVersion, "a version that is not known here", []error{wire.ErrVersion}},
		{wire.ReasonText, "text that may not be shown", []error{wire.ErrText}},
		{wire.ReasonLimit, "longer or more than is allowed", []error{wire.ErrLimit}},
		{wire.ReasonChange, "a change that cannot be made of the side as it stands", []error{ErrChange}},
		{wire.ReasonQuorum, "not signed by exactly the quorum", []error{ErrQuorum}},
		{wire.ReasonSignature, "a signature of an officer does not verify", []error{ErrSignature}},
		{wire.ReasonOfficer, "signed by a key that is no officer's of the sender", []error{ErrOfficer}},
		{wire.ReasonAddressee, "not addressed to this party", []error{ErrAddressee}},
		{wire.ReasonLine, "content of another line", []error{ErrLine}},
		{wire.ReasonDesk, "from a desk it may not be released for", []error{ErrDesk}},
		{wire.ReasonReplay, "a draft that was sent before", []error{ErrReplay}},
		{wire.ReasonDeniable, "deniable, which was not agreed", nil},
		{wire.ReasonMalformed, "malformed", []error{wire.ErrMalformed, wire.ErrForm}},
	}
}

// Reason returns the reason that a signed refusal gives for an error of
// Verify, and 0 for any other error: then it is not the entry that failed.
func Reason(err error) wire.Reason {
	for _, r := range reasons() {
		for _, e := range r.errs {
			if errors.Is(err, e) {
				return r.value
			}
		}
	}
	return 0
}

// ReasonText returns the words for a reason, as people read them after "refused:".
func ReasonText(value wire.Reason) string {
	for _, r := range reasons() {
		if r.value == value {
			return r.text
		}
	}
	return fmt.Sprintf("for a reason that is not known here (%d)", value)
}
