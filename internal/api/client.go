package api

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"parley/deniable"
	"parley/release"
)

// Client speaks to a running station.
type Client struct {
	http *http.Client
}

// NewClient returns a client for the socket at path. It does not connect yet.
func NewClient(path string) *Client {
	return &Client{http: &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		},
		DisableCompression: true,
	}}}
}

// ErrNotRunning is returned when no station answers on the socket.
var ErrNotRunning = errors.New("the station is not running")

// Lines returns the lines that the station serves.
func (c *Client) Lines(ctx context.Context) (out []Line, err error) {
	return out, c.get(ctx, "/v1/lines", &out)
}

// Status returns the state of a line.
func (c *Client) Status(ctx context.Context, line string) (out Status, err error) {
	return out, c.get(ctx, path(line, "status"), &out)
}

// Check asks for a line check on every channel of a line.
func (c *Client) Check(ctx context.Context, line string) error {
	return c.do(ctx, http.MethodPost, path(line, "check"), nil, &done{})
}

// Disable takes a channel of a line out of use; Enable puts it back.
func (c *Client) Disable(ctx context.Context, line, channel string) error {
	return c.do(ctx, http.MethodPost, path(line, "channels", channel, "disable"), nil, &done{})
}

// Enable puts a channel back into use.
func (c *Client) Enable(ctx context.Context, line, channel string) error {
	return c.do(ctx, http.MethodPost, path(line, "channels", channel, "enable"), nil, &done{})
}

// List chooses messages; see station.Filter.
type List struct {
	Mine, Theirs, Newest bool
	After                uint64
	Limit                int
	Precedence           string // empty: any
}

// Messages lists messages of a line.
func (c *Client) Messages(ctx context.Context, line string, l List) (out []Message, err error) {
	q := url.Values{}
	for name, on := range map[string]bool{"mine": l.Mine, "theirs": l.Theirs, "newest": l.Newest} {
		if on {
			q.Set(name, "")
		}
	}
	if l.Precedence != "" {
		q.Set("precedence", l.Precedence)
	}
	q.Set("after", strconv.FormatUint(l.After, 10))
	q.Set("limit", strconv.Itoa(l.Limit))
	return out, c.get(ctx, path(line, "messages")+"?"+q.Encode(), &out)
}

// Message returns the message of a name such as "south/17".
func (c *Client) Message(ctx context.Context, line, name string) (out Message, err error) {
	party, number, _ := strings.Cut(name, "/")
	return out, c.get(ctx, path(line, "messages", party, number), &out)
}

// Draft keeps a text for its officers.
func (c *Client) Draft(ctx context.Context, line string, d DraftRequest) (out Draft, err error) {
	return out, c.do(ctx, http.MethodPost, path(line, "drafts"), d, &out)
}

// DraftChange keeps a change of this side of the roster for its officers.
func (c *Client) DraftChange(ctx context.Context, line string, d ChangeRequest) (out Draft, err error) {
	return out, c.do(ctx, http.MethodPost, path(line, "changes"), d, &out)
}

// Roster returns the roster of a line as it is now.
func (c *Client) Roster(ctx context.Context, line string) (out Roster, err error) {
	return out, c.get(ctx, path(line, "roster"), &out)
}

// Drafts lists the drafts that wait.
func (c *Client) Drafts(ctx context.Context, line string) (out []Draft, err error) {
	return out, c.get(ctx, path(line, "drafts"), &out)
}

// DraftByID returns one draft.
func (c *Client) DraftByID(ctx context.Context, line, id string) (out Draft, err error) {
	return out, c.get(ctx, path(line, "drafts", id), &out)
}

// Withdraw forgets a draft.
func (c *Client) Withdraw(ctx context.Context, line, id string) error {
	return c.do(ctx, http.MethodDelete, path(line, "drafts", id), nil, &done{})
}

// Consent gives an officer's consent to a deniable draft, and sends it with what
// the station forgets once it was checked (spec/DENIABLE.md §4).
func (c *Client) Consent(ctx context.Context, line string, d Draft, officer crypto.Signer) (out Approved, err error) {
	var blind [32]byte
	if _, err := rand.Read(blind[:]); err != nil {
		return out, err
	}
	s, err := deniable.Agree(d.Content, blind, officer)
	if err != nil {
		return out, err
	}
	return out, c.do(ctx, http.MethodPost, path(line, "drafts", d.ID, "consents"),
		Consent{Key: s.Key.String(), Blind: base64.StdEncoding.EncodeToString(blind[:]), Signature: base64.StdEncoding.EncodeToString(s.Sig[:])}, &out)
}

// Approve signs a draft's content here, with the officer's key, and sends the
// signature alone.
func (c *Client) Approve(ctx context.Context, line string, d Draft, officer crypto.Signer) (out Approved, err error) {
	s, err := release.Approve(d.Content, officer)
	if err != nil {
		return out, err
	}
	return out, c.do(ctx, http.MethodPost, path(line, "drafts", d.ID, "approvals"),
		Approval{Key: s.Key.String(), Signature: base64.StdEncoding.EncodeToString(s.Sig[:])}, &out)
}

// Transcript writes the exported transcript of a line to w.
func (c *Client) Transcript(ctx context.Context, line string, w io.Writer) error {
	resp, err := c.send(ctx, http.MethodGet, path(line, "transcript"), nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(w, resp.Body)
	return err
}

// DraftDecision keeps for the officers of this side the decision to go on with the
// history of the other side's log that is held; from is the desk that speaks.
func (c *Client) DraftDecision(ctx context.Context, line, from string) (out Draft, err error) {
	return out, c.do(ctx, http.MethodPost, path(line, "forks"), DecisionRequest{From: from}, &out)
}

// Forks returns what is kept of contradictions on a line.
func (c *Client) Forks(ctx context.Context, line string) (out []Fork, err error) {
	return out, c.get(ctx, path(line, "forks"), &out)
}

// Events calls f with each piece of news until ctx ends, the station stops, or
// f returns an error, which it returns. ready, if not nil, is called once the
// news are being listened to; its error is returned too.
func (c *Client) Events(ctx context.Context, ready func() error, f func(Event) error) error {
	resp, err := c.send(ctx, http.MethodGet, "/v1/events", nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if ready != nil {
		if err := ready(); err != nil {
			return err
		}
	}
	d := json.NewDecoder(bufio.NewReader(resp.Body))
	for {
		var e Event
		if err := d.Decode(&e); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return fmt.Errorf("%w (%w)", ErrNotRunning, err)
		}
		if err := f(e); err != nil {
			return err
		}
	}
}

func path(line string, rest ...string) string {
	p := "/v1/lines/" + url.PathEscape(line)
	for _, r := range rest {
		p += "/" + url.PathEscape(r)
	}
	return p
}

func (c *Client) get(ctx context.Context, path string, into any) error {
	return c.do(ctx, http.MethodGet, path, nil, into)
}

func (c *Client) do(ctx context.Context, method, path string, body, into any) error {
	resp, err := c.send(ctx, method, path, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		return fmt.Errorf("the station's answer makes no sense: %w", err)
	}
	return nil
}

// send returns a response whose status is a success, or the station's Error.
func (c *Client) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	var r io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, "http://parley"+path, r)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
			return nil, fmt.Errorf("%w (%w)", ErrNotRunning, op.Err)
		}
		return nil, err
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close()
	var e Error
	if err := json.NewDecoder(resp.Body).Decode(&e); err != nil {
		return nil, fmt.Errorf("the station answered %s and no reason", resp.Status)
	}
	return nil, &e
}
