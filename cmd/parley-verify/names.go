package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"parley"
	"parley/audit"
)

// named names entry n: by its number, and in a log with generations as
// spec/GENERATION.md §1 does, "north/2.18".
func named(l *audit.Log, n uint64) string {
	if len(l.Generations) > 1 {
		return l.Name(n)
	}
	return strconv.FormatUint(n, 10)
}

// span names the entries from first to last.
func span(l *audit.Log, first, last uint64) string {
	if first == last {
		return "entry " + named(l, first)
	}
	return fmt.Sprintf("entries %s to %s", named(l, first), named(l, last))
}

// spans names entries: "entries 1 to 3, entry 5".
func spans(l *audit.Log, s audit.Spans) string {
	var out []string
	for _, one := range s.List {
		out = append(out, span(l, one.First, one.Last))
	}
	if s.Left > 0 {
		out = append(out, fmt.Sprintf("and %d more", s.Left))
	}
	return strings.Join(out, ", ")
}

// printGenerations says where a log goes on under another name, and what closed it
// before (spec/GENERATION.md §7).
func printGenerations(w io.Writer, l *audit.Log) {
	restored := false
	for i, g := range l.Generations {
		if i == 0 {
			continue
		}
		behind := "before its first entry"
		if g.From > 1 {
			behind = "behind entry " + parley.MessageName(l.Party, l.GenerationOf(g.From-1), g.From-1)
		}
		how := "as after a restore"
		if g.Change > 0 {
			how = fmt.Sprintf("by another log key, %s, since the change in entry %s", g.Key, l.Name(g.Change))
		} else {
			restored = true
		}
		asked := fmt.Sprintf("%s signed that its log goes on as generation %d, %s (%s by %s's clock)", l.Party, i+1, how, moment(g.Renewed), l.Party)
		closed := fmt.Sprintf("%s closed generation %d %s (%s by %s's clock)", l.Peer, i, behind, moment(g.Closed), l.Peer)
		if l.Basis == audit.ByRoster {
			fmt.Fprintf(w, "    proved: %s, and %s.\n", asked, closed)
			printClosingDoubt(w, l, g.ClosedDoubt)
		} else {
			fmt.Fprintf(w, "    proved: %s.\n    claimed: that %s.\n", asked, closed)
		}
	}
	if restored && l.Basis == audit.ByRoster {
		fmt.Fprintf(w, "    not proved: that anything was lost by it: a party may have its log go on so for no reason.\n")
	}
}

// printClosingDoubt says what of a closing is in doubt because its key was compromised.
func printClosingDoubt(w io.Writer, l *audit.Log, d audit.InDoubt) {
	switch d {
	case audit.DoubtTime:
		fmt.Fprintf(w, "            in doubt: when it was closed, because the receipt key was compromised; that %s has seen what follows stands in its own log.\n", l.Peer)
	case audit.DoubtFact:
		fmt.Fprintf(w, "            in doubt: that %s closed it, and when, because the receipt key was compromised, and no entry of %s says it has seen what follows.\n", l.Peer, l.Peer)
	}
}
