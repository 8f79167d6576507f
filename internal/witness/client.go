package witness

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"parley"
	"parley/transcript"
)

// Limits of one exchange with a witness.
const (
	answerWithin = 30 * time.Second // from the dialling to the last byte
	headerBytes  = 16 << 10
	answerBytes  = 32 << 10 // of cosignatures
	sizeBytes    = 32       // of a size
	whyBytes     = 512      // of an error in words, of which the first line is shown
)

// ParseURL returns the submission prefix of a witness without a slash at its end. It is
// https, or http on this machine. The error wraps ErrURL.
func ParseURL(s string) (string, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w", ErrURL, err)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || u.Opaque != "" || u.Hostname() == "":
		return "", fmt.Errorf("%w: %q: give a host and a path, and nothing else", ErrURL, s)
	case u.Scheme == "https", u.Scheme == "http" && here(u.Hostname()):
		return strings.TrimSuffix(s, "/"), nil
	}
	return "", fmt.Errorf("%w: %q: give https; http is for a witness on this machine only", ErrURL, s)
}

// here reports whether a host is this machine.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// client speaks to one witness.
type client struct {
	http *http.Client
	url  string // the submission prefix
	key  transcript.WitnessKey
}

func newClient(prefix string, key transcript.WitnessKey) *client {
	return &client{url: prefix, key: key, http: &http.Client{
		Timeout:       answerWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			TLSHandshakeTimeout:    answerWithin / 2,
			MaxResponseHeaderBytes: headerBytes,
			DisableCompression:     true,
			ForceAttemptHTTP2:      true,
			MaxIdleConns:           1,
			IdleConnTimeout:        answerWithin,
		},
	}}
}

// conflict is the answer that the newest the witness cosigned has another size than was
// named.
type conflict struct{ size uint64 }

func (c conflict) Error() string {
	return fmt.Sprintf("the newest that it cosigned has size %d", c.size)
}

// add asks for a cosignature of the checkpoint in note, which the proof shows to continue
// the one of size old. The error is a conflict, or wraps ErrUnknown, ErrHistory or
// ErrAnswer, or is one of the network.
func (c *client) add(ctx context.Context, old uint64, proof []parley.Hash, checkpoint transcript.Checkpoint, note []byte) (transcript.Cosignature, error) {
	none := transcript.Cosignature{}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/add-checkpoint", bytes.NewReader(request(old, proof, note)))
	if err != nil {
		return none, err
	}
	req.Header.Set("User-Agent", "parley")
	resp, err := c.http.Do(req)
	if err != nil {
		return none, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		body, err := read(resp, answerBytes)
		if err != nil {
			return none, err
		}
		return readAnswer(body, c.key, checkpoint)
	case http.StatusConflict:
		body, err := read(resp, sizeBytes)
		if err != nil {
			return none, err
		}
		size, err := readSize(resp.Header.Get("Content-Type"), body)
		if err != nil {
			return none, err
		}
		return none, conflict{size}
	}
	why := fmt.Sprintf("%d %s%s", resp.StatusCode, http.StatusText(resp.StatusCode), words(resp.Body))
	switch {
	case resp.StatusCode == http.StatusNotFound, resp.StatusCode == http.StatusForbidden:
		return none, fmt.Errorf("%w: %s", ErrUnknown, why)
	case resp.StatusCode == http.StatusUnprocessableEntity && old > 0:
		return none, fmt.Errorf("%w: %s", ErrHistory, why)
	}
	return none, fmt.Errorf("%w: %s", ErrAnswer, why)
}

// request returns the body of add-checkpoint.
func request(old uint64, proof []parley.Hash, note []byte) []byte {
	b := fmt.Appendf(nil, "old %d\n", old)
	for _, h := range proof {
		b = append(base64.StdEncoding.AppendEncode(b, h[:]), '\n')
	}
	return append(append(b, '\n'), note...)
}

func read(resp *http.Response, most int) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(resp.Body, int64(most)+1))
	switch {
	case err != nil:
		return nil, err
	case len(b) > most:
		return nil, fmt.Errorf("%w: more than %d bytes", ErrAnswer, most)
	}
	return b, nil
}

// words returns the beginning of what a witness says of an error, or nothing.
func words(body io.Reader) string {
	b, err := io.ReadAll(io.LimitReader(body, whyBytes))
	line, _, _ := strings.Cut(string(b), "\n")
	if err != nil || line == "" {
		return ""
	}
	return ": " + line
}

// readAnswer returns the cosignature by key in the lines of an answer. Lines of other
// keys are ignored; what is no line of a signed note is refused.
func readAnswer(body []byte, key transcript.WitnessKey, of transcript.Checkpoint) (transcript.Cosignature, error) {
	found, err := transcript.Cosignature{}, fmt.Errorf("%w: no cosignature by %s", ErrAnswer, key.Name())
	if !bytes.HasSuffix(body, []byte("\n")) {
		return found, fmt.Errorf("%w: not lines of a signed note", ErrAnswer)
	}
	for line := range bytes.Lines(body) {
		if !isSignature(line) {
			return transcript.Cosignature{}, fmt.Errorf("%w: not lines of a signed note", ErrAnswer)
		}
		c, bad := transcript.ParseCosignature(line)
		if bad != nil || !key.Made(c) {
			continue // of a key that we know nothing of
		}
		if bad := key.Check(of, c); bad != nil {
			return transcript.Cosignature{}, fmt.Errorf("%w: %w", ErrAnswer, bad)
		}
		found, err = c, nil
	}
	return found, err
}

// isSignature reports whether a line is one of a signature in a C2SP signed note.
func isSignature(line []byte) bool {
	name, coded, ok := strings.Cut(strings.TrimPrefix(string(line[:len(line)-1]), "— "), " ")
	raw, err := base64.StdEncoding.DecodeString(coded)
	return strings.HasPrefix(string(line), "— ") && ok && name != "" && err == nil && len(raw) > 4
}

// sizeType is the media type of a size.
const sizeType = "text/x.tlog.size"

// readSize reads the size of the newest checkpoint that a witness cosigned.
func readSize(media string, body []byte) (uint64, error) {
	text, ended := strings.CutSuffix(string(body), "\n")
	n, err := strconv.ParseUint(text, 10, 64)
	if kind, _, bad := mime.ParseMediaType(media); bad != nil || kind != sizeType || !ended || err != nil || strconv.FormatUint(n, 10) != text || n > transcript.MaxSize {
		return 0, fmt.Errorf("%w: 409 without the size of a log", ErrAnswer)
	}
	return n, nil
}

// plainly is an error of the network without the address, which people know.
func plainly(err error) error {
	if u := new(url.Error); errors.As(err, &u) {
		if u.Timeout() {
			return fmt.Errorf("no answer within %s", answerWithin)
		}
		return u.Err
	}
	return err
}
