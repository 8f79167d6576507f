// Package api carries the station's verbs over a local socket, for the command
// line: HTTP and JSON on a Unix socket that only this user can open.
//
// It has no rule of its own: it turns what the station says into JSON and back.
// No private key crosses it. An officer's key is unlocked by the program that
// the officer runs, which sends the signature only.
package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"parley"
	"parley/internal/courier"
	"parley/internal/journal"
	"parley/internal/station"
	"parley/release"
	"parley/roster"
	"parley/wire"
)

// Code tells a program what kind of failure an error is.
type Code string

// The codes.
const (
	CodeFailed  Code = "failed"  // it did not work; the message says why
	CodeRequest Code = "request" // the request makes no sense
	CodeMissing Code = "missing" // there is no such thing
	CodeRefused Code = "refused" // a rule of the line forbids it
	CodeFull    Code = "full"    // no room on the disk
	CodeStopped Code = "stopped" // the station is stopping or not running
)

// Error is what a failed request answers.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"error"`
	Hint    string `json:"hint,omitempty"`
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// codes is the one place where errors of the station become codes and hints.
var codes = []struct {
	is   error
	code Code
	http int
	hint string
}{
	{errRequest, CodeRequest, http.StatusBadRequest, ""},
	{station.ErrNoLine, CodeMissing, http.StatusNotFound, "parley line list shows the lines; a confirmed line is served after the next start"},
	{station.ErrNoDraft, CodeMissing, http.StatusNotFound, "parley draft list shows the drafts; a released one is a message"},
	{station.ErrNoMessage, CodeMissing, http.StatusNotFound, "parley inbox shows the messages that are here"},
	{station.ErrUncovered, CodeRefused, http.StatusConflict, "wait a moment: the checkpoint goes out with the next messages; parley show says how far a message is"},
	{station.ErrNoProof, CodeRefused, http.StatusConflict, "parley export --deniable writes the deniable record for your own files; whoever holds it could have made it"},
	{station.ErrRange, CodeRequest, http.StatusBadRequest, ""},
	{station.ErrRestored, CodeRefused, http.StatusConflict, "parley status says what it waits for; the draft stands: approve it again then"},
	{station.ErrHalted, CodeRefused, http.StatusConflict, "parley status says why; do not sign with this copy of the station until a person has looked"},
	{station.ErrReplay, CodeRefused, http.StatusConflict, "make a new draft"},
	{station.ErrDeniable, CodeRefused, http.StatusConflict, "the program that approves must know deniable lines: take the one of this release"},
	{station.ErrSigned, CodeRefused, http.StatusConflict, "another officer has to approve it"},
	{release.ErrQuorum, CodeRefused, http.StatusConflict, "the charter says how many officers must approve: parley line show"},
	{release.ErrOfficer, CodeRefused, http.StatusConflict, "only officers in the roster of the line may release: parley line show"},
	{station.ErrNotHalted, CodeRefused, http.StatusConflict, "parley fork lists what is kept; there is nothing to decide"},
	{station.ErrDecision, CodeRefused, http.StatusConflict, "parley fork accept drafts it again"},
	{release.ErrChange, CodeRefused, http.StatusConflict, "parley line show has the roster as it is now; draft the change again"},
	{roster.ErrQuorum, CodeRefused, http.StatusConflict, "parley line show has the officers and the charter"},
	{release.ErrDesk, CodeRefused, http.StatusConflict, "parley line show names the desks of both sides and their officers"},
	{release.ErrAddressee, CodeRefused, http.StatusConflict, "address a desk of the other side: parley line show"},
	{release.ErrSignature, CodeRefused, http.StatusConflict, "the key is not the one in the roster"},
	{wire.ErrText, CodeRefused, http.StatusConflict, "Parley sends text as it is or not at all: remove what the message names"},
	{wire.ErrLimit, CodeRefused, http.StatusConflict, "send it in several messages"},
	{wire.ErrMalformed, CodeRequest, http.StatusBadRequest, ""},
	{parley.ErrName, CodeRequest, http.StatusBadRequest, ""},
	{courier.ErrNoChannel, CodeMissing, http.StatusNotFound, "parley channel list shows the channels"},
	{journal.ErrFull, CodeFull, http.StatusInsufficientStorage, "make room on the disk: nothing that was receipted is lost"},
	{station.ErrStopped, CodeStopped, http.StatusServiceUnavailable, "start it again with parley serve"},
}

// errRequest is wrapped by what is wrong with a request itself.
var errRequest = errors.New("the request makes no sense")

// errorOf returns err as it goes to the client, with its HTTP status.
func errorOf(err error) (*Error, int) {
	for _, c := range codes {
		if errors.Is(err, c.is) {
			return &Error{Code: c.code, Message: err.Error(), Hint: c.hint}, c.http
		}
	}
	return &Error{Code: CodeFailed, Message: err.Error()}, http.StatusInternalServerError
}

// bodyLimit bounds a request: the largest text with room for its JSON.
const bodyLimit = 512 << 10

// read decodes a request's body; unknown fields are refused.
func read(w http.ResponseWriter, r *http.Request, into any) error {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, bodyLimit))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errRequest, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: something follows it", errRequest)
	}
	return nil
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// The client is gone if this fails; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(v)
}
