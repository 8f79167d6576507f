package lab

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"parley"
)

// ErrScript is wrapped by every error about the text of a script.
var ErrScript = errors.New("the script is not as it must be")

// MaxScript is the largest script, in bytes.
const MaxScript = 1 << 20

// Command is one line of a script.
type Command struct {
	Line int    // in the script, from 1
	Verb string // as in "one-way cut"

	Route   string       // of the verbs that name one; "all" for mend
	Party   parley.Party // of the verbs that name one; path: whose sending it is about, "" for both
	Weather Weather      // of path
	Every   time.Duration
	Ahead   time.Duration // of clock: of the machine's
	Manner  string        // of hostile
	Within  time.Duration // how long it goes on or, of wait, may take

	Precedence parley.Precedence
	Times      int // how often it is said, or how many
	Body       string

	Memory, Disk int // MiB
}

// Parse reads a script: one command a line, words between single spaces; lines
// that begin with # and empty lines say nothing.
func Parse(text string) ([]Command, error) {
	if len(text) > MaxScript || !utf8.ValidString(text) {
		return nil, fmt.Errorf("%w: it is no UTF-8 of at most %d bytes", ErrScript, MaxScript)
	}
	var out []Command
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		c := Command{Line: i + 1}
		if err := c.parse(line); err != nil {
			return nil, fmt.Errorf("%w: line %d: %w", ErrScript, i+1, err)
		}
		out = append(out, c)
	}
	return out, nil
}

// grammar is every verb and what follows it, as docs/lab.md has it. The longest
// verb that fits is taken.
var grammar = map[string]string{
	"path":           "route sender? weather",
	"cut":            "route",
	"mend":           "route",
	"one-way cut":    "route party",
	"flap":           "route every for",
	"kill":           "party",
	"start":          "party",
	"back up":        "party",
	"restore":        "party",
	"full disk":      "party",
	"free disk":      "party",
	"say":            "party precedence times? body",
	"clock":          "party ahead",
	"hostile":        "party route manner",
	"honest":         "party",
	"wait":           "duration",
	"wait frames":    "party route count within?",
	"wait status":    "party within? body",
	"wait calm":      "party within? body",
	"wait up":        "route within?",
	"wait down":      "route within?",
	"wait proved":    "within?",
	"wait packed":    "party within?",
	"expect refused": "party precedence body",
	"expect waiting": "party",
	"expect proved":  "",
	"expect held":    "party count",
	"expect bounded": "party memory disk",
	"expect same":    "",
}

// Usage returns how a verb is written, or all verbs, one a line.
func Usage(verb string) string {
	if form, ok := grammar[verb]; ok {
		return strings.TrimSpace(verb + " " + form)
	}
	var all []string
	for v := range grammar {
		all = append(all, Usage(v))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

func (c *Command) parse(line string) error {
	verb := ""
	for v := range grammar {
		if (line == v || strings.HasPrefix(line, v+" ")) && len(v) > len(verb) {
			verb = v
		}
	}
	if verb == "" {
		first, _, _ := strings.Cut(line, " ")
		return fmt.Errorf("there is no command %q; there are:\n%s", first, Usage(""))
	}
	c.Verb = verb
	w := &words{rest: strings.TrimPrefix(strings.TrimPrefix(line, verb), " ")}
	for _, form := range strings.Fields(grammar[verb]) {
		if err := c.take(form, w); err != nil {
			return fmt.Errorf("%w (%s)", err, Usage(verb))
		}
	}
	if w.rest != "" {
		return fmt.Errorf("%q is too much (%s)", w.rest, Usage(verb))
	}
	return nil
}

// take reads what form asks for.
func (c *Command) take(form string, w *words) (err error) {
	switch form {
	case "route":
		c.Route, err = w.oneOf("a route", append(slices.Clone(routes[:]), "all"))
		if err == nil && c.Route == "all" && c.Verb != "mend" && c.Verb != "hostile" {
			err = fmt.Errorf("all is for mend and hostile alone")
		}
	case "party":
		var p string
		p, err = w.oneOf("a party", []string{string(north), string(south)})
		c.Party = parley.Party(p)
	case "sender?":
		if next := w.peek(); next == string(north) || next == string(south) {
			c.Party = parley.Party(w.next())
		}
	case "weather":
		c.Weather, err = parseWeather(w)
	case "every":
		c.Every, err = w.duration()
	case "ahead":
		c.Ahead, err = w.offset()
	case "manner":
		c.Manner, err = w.oneOf("a manner", manners)
	case "memory":
		c.Memory, err = w.named(form)
	case "disk":
		c.Disk, err = w.named(form)
	case "for":
		if w.next() != "for" {
			return errors.New("how long is missing")
		}
		c.Within, err = w.duration()
	case "duration":
		c.Within, err = w.duration()
	case "within?":
		if c.Within = waitLimit; w.peek() == "within" {
			w.next()
			c.Within, err = w.duration()
		}
	case "precedence":
		c.Precedence, err = parley.ParsePrecedence(w.next())
	case "times?":
		if c.Times = 1; strings.HasPrefix(w.peek(), "x") && digits(w.peek()[1:]) {
			c.Times, err = count(w.next()[1:])
		}
	case "count":
		c.Times, err = count(w.next())
	case "body":
		if c.Body, w.rest = w.rest, ""; c.Body == "" {
			err = errors.New("there is nothing to say")
		} else if strings.ContainsFunc(c.Body, unicode.IsControl) {
			err = errors.New("there is a control character in what is said")
		}
	}
	return err
}

// String returns the command as it is written: Parse reads the same from it.
func (c Command) String() string {
	out := []string{c.Verb}
	add := func(s string) { out = append(out, s) }
	for _, form := range strings.Fields(grammar[c.Verb]) {
		switch form {
		case "route":
			add(c.Route)
		case "party":
			add(string(c.Party))
		case "sender?":
			if c.Party != "" {
				add(string(c.Party))
			}
		case "weather":
			add(c.Weather.String())
		case "every":
			add(c.Every.String())
		case "ahead":
			add(c.Ahead.String())
		case "manner":
			add(c.Manner)
		case "memory":
			add(fmt.Sprintf("memory %d", c.Memory))
		case "disk":
			add(fmt.Sprintf("disk %d", c.Disk))
		case "for":
			add("for " + c.Within.String())
		case "duration":
			add(c.Within.String())
		case "within?":
			add("within " + c.Within.String())
		case "precedence":
			add(c.Precedence.String())
		case "times?":
			add(fmt.Sprintf("x%d", c.Times))
		case "count":
			add(fmt.Sprint(c.Times))
		case "body":
			add(c.Body)
		}
	}
	return strings.Join(out, " ")
}
