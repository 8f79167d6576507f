package roster

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"parley"
	"parley/lines"
)

// check says what is wrong with a channel.
func (c *Channel) check() error {
	if _, err := parley.ParseParty(c.Name); err != nil {
		return fmt.Errorf("%w: name %q: use 1 to 32 of a-z, 0-9 and '-', beginning with a letter", ErrMalformed, lines.Clip(c.Name))
	}
	switch c.Kind {
	case TCP, QUIC:
		if _, err := parley.ParseParty(string(c.Listener)); err != nil {
			return fmt.Errorf("%w: listener: %w", ErrMalformed, err)
		}
		return checkAddress(c.Address)
	case Pouch, Pipe:
		if c.Listener != "" || c.Address != "" {
			return fmt.Errorf("%w: a %s has no listener and no address; leave them out", ErrMalformed, c.Kind)
		}
		return nil
	}
	return fmt.Errorf("%w: kind %q is not known; use tcp, quic, pouch or pipe", ErrMalformed, lines.Clip(c.Kind))
}

// checkAddress accepts host:port and [IPv6]:port as text. Whether anybody
// listens there is not this package's to know.
func checkAddress(a string) error {
	bad := fmt.Errorf("%w: address %q: write HOST:PORT, as in 192.0.2.7:4700 or [2001:db8::7]:4700", ErrMalformed, lines.Clip(a))
	i := strings.LastIndexByte(a, ':')
	if i < 1 || len(a) > 255 {
		return bad
	}
	host, port := a[:i], a[i+1:]
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 || strconv.FormatUint(n, 10) != port {
		return bad
	}
	letters := "abcdefghijklmnopqrstuvwxyz0123456789.-"
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host, ok = strings.CutSuffix(inner, "]")
		if !ok || !strings.Contains(host, ":") {
			return bad
		}
		letters = "abcdef0123456789:."
	}
	if host == "" || strings.ContainsFunc(host, func(r rune) bool { return !strings.ContainsRune(letters, r) }) {
		return bad
	}
	return nil
}

// units of a span, the largest first. A span is written with the largest that
// divides it, so that each has one writing.
var units = [...]struct {
	name string
	size time.Duration
}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}, {"ms", time.Millisecond}}

func printSpan(d time.Duration) string {
	for _, u := range units {
		if d%u.size == 0 {
			return strconv.FormatInt(int64(d/u.size), 10) + u.name
		}
	}
	return d.String() // never parsed: checkSpan has refused it
}

func checkSpan(d, least, most time.Duration) error {
	if d < least || d > most || d%time.Millisecond != 0 {
		return fmt.Errorf("%w: %v; use whole milliseconds from %s to %s", ErrMalformed, d, printSpan(least), printSpan(most))
	}
	return nil
}

// span takes the next line and returns the time it names.
func (d *reader) span(keyword string, least, most time.Duration) time.Duration {
	s := d.Word(keyword)
	if d.Err() != nil {
		return 0
	}
	for _, u := range units {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 48)
		if err != nil || n < 0 || n > int64(maxPouch/u.size) {
			continue
		}
		if v := time.Duration(n) * u.size; printSpan(v) == s {
			d.FailWith(keyword, checkSpan(v, least, most))
			return v
		}
	}
	d.Fail(keyword, "%q is not a time; write a whole number of the largest unit that fits: h, m, s or ms, as in 30s or 720h", lines.Clip(s))
	return 0
}
