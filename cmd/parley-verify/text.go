package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"parley"
	"parley/audit"
	"parley/release"
	"parley/roster"
	"parley/transcript"
)

// The sentences below say "proved" only of what stands behind a signature that
// was checked, "claimed" of what someone says, and name whose word it is.

func printText(out io.Writer, t trust, results []result) error {
	w := bufio.NewWriter(out)
	if t.roster != nil {
		printRoster(w, t.roster, len(results) == 0)
	} else {
		printKeysGiven(w, t.keys)
	}
	for _, res := range results {
		fmt.Fprintf(w, "\nfile %q", res.file)
		switch {
		case res.err != nil:
			fmt.Fprintf(w, "\n  WRONG: %s\n  Nothing in this file is proved.\n", unread(res.err))
			inDetail(w, res.err)
		case res.forked != "":
			fmt.Fprintf(w, "\n  proved: the log key of %s signed two histories of one log that contradict each other.\n", res.forked)
			fmt.Fprintf(w, "  Neither can be denied by %s. Which of the two is true, if either, is not proved.\n", res.forked)
			fmt.Fprintf(w, "  not proved: that the key was not stolen. Whether a notice of compromise covers that key stands in the transcript, not in this file.\n")
		case res.shown != nil:
			printProof(w, res.shown, res.show)
		default:
			fmt.Fprintf(w, ", exported by %s%s\n", res.report.Exporter, asClaimed(t))
			if err := printReport(w, t, res.report, res.messages); err != nil {
				return err
			}
		}
	}
	return w.Flush()
}

// asClaimed marks what a roster would prove.
func asClaimed(t trust) string {
	if t.roster == nil {
		return ", as it says"
	}
	return ""
}

func printRoster(w io.Writer, r *roster.Roster, withKeys bool) {
	fmt.Fprintf(w, "roster of %s and %s\n", r.Sides[0].Party, r.Sides[1].Party)
	words := strings.Fields(r.Words())
	for len(words) > 0 {
		n := min(6, len(words))
		fmt.Fprintf(w, "    %s\n", strings.Join(words[:n], " "))
		words = words[n:]
	}
	fmt.Fprintf(w, "  Compare these words with both parties. A roster that came with the transcript proves nothing by itself.\n")
	if r.Terms.Evidence == roster.Deniable {
		fmt.Fprintf(w, "  %s\n", deniableSentence(r))
	}
	if !withKeys {
		return
	}
	for _, s := range r.Sides {
		fmt.Fprintf(w, "\n  verifier key of the log of %s, for who has no roster:\n%s\n", s.Party, transcript.LogKey{Line: r.Line, Log: s.Log, Key: s.LogKey})
	}
}

func printKeysGiven(w io.Writer, keys []transcript.LogKey) {
	for _, k := range keys {
		fmt.Fprintf(w, "verifier key of log %s\n  of line %s\n", k.Log, k.Line)
	}
	fmt.Fprintf(w, "  Whoever gave you a key says whose log it is; nothing below proves that. Have it from the party itself.\n")
}

// deniableSentence says what signatures on a deniable line are worth to whoever
// is neither of its parties (spec/DENIABLE.md §3).
func deniableSentence(r *roster.Roster) string {
	return fmt.Sprintf("DENIABLE: %s and %s each hold every key of this line. \"Proved\" below means: one of the two wrote it. Whoever showed you this can have written all of it.",
		r.Sides[0].Party, r.Sides[1].Party)
}

func printReport(w io.Writer, t trust, report *audit.Report, m *messages) error {
	switch {
	case report.Wrong == nil && report.Words == "":
		fmt.Fprintf(w, "\n  All that this file claims, and the key given can prove, is proved. A roster would prove more.\n")
	case report.Wrong == nil:
		fmt.Fprintf(w, "\n  All that this file claims, and a file can prove, is proved.\n")
	case report.Wrong.Party == "":
		fmt.Fprintf(w, "\n  WRONG: %s\n  Nothing in this file is proved.\n", firstWrong(report))
		inDetail(w, report.Wrong)
		return nil
	default:
		fmt.Fprintf(w, "\n  WRONG: %s\n  That is the first wrong thing. What is proved all the same stands below as \"proved\", and nothing else is.\n", firstWrong(report))
	}
	for i := range report.Logs {
		l := &report.Logs[i]
		if l.Basis != audit.ByRoster {
			printUnjudged(w, l)
			continue
		}
		printLog(w, l, report.PostQuantum)
		if m.has(l.Party) {
			if err := m.copyTo(w, l.Party); err != nil {
				return err
			}
		}
	}
	printUnseen(w, report, t.witnesses)
	fmt.Fprintf(w, "\n  Claimed, not proved: every time above, each by the clock of the party named.\n")
	if report.Wrong != nil {
		inDetail(w, report.Wrong)
	}
	return nil
}

// printUnjudged prints what is proved of a log without a roster.
func printUnjudged(w io.Writer, l *audit.Log) {
	fmt.Fprintf(w, "\n  log %s, of %s as the file says: %s\n", l.Log, l.Party, count(l.Entries, "entry", "entries"))
	if l.Basis == audit.ByNothing {
		fmt.Fprintf(w, "    not proved: anything of this log. Its verifier key was not given.\n")
		return
	}
	printWrong(w, l)
	if l.Size == 0 {
		if l.Entries > 0 {
			fmt.Fprintf(w, "    Nothing is proved of this log.\n")
		}
		return
	}
	fmt.Fprintf(w, "    proved: the holder of the key given signed %s; none is altered, missing or moved.\n", span(l, 1, l.Size))
	printWitnesses(w, l)
	printEarlier(w, l)
	printGenerations(w, l)
	fmt.Fprintf(w, "    claimed: that the log is %s's, and every time in it.\n", l.Party)
	fmt.Fprintf(w, "    not proved without the roster: who released what, and what %s received, receipted or refused.\n", l.Peer)
	fmt.Fprintf(w, "    as of checkpoint %d, %s by the clock of the key's holder; later messages are not excluded.\n", l.Size, moment(l.Latest))
}

// inDetail gives an error as the program has it, for an engineer, on a last line.
func inDetail(w io.Writer, err error) {
	fmt.Fprintf(w, "\n  For an engineer: %v\n", err)
}

// printed is how many of the wrong things, and of the notes, of a log are
// printed; --json has all.
const printed = 20

// printWrong prints how far a log was looked at, and what is wrong in it.
func printWrong(w io.Writer, l *audit.Log) {
	if l.Checked > 0 && l.Checked < l.Entries {
		fmt.Fprintf(w, "    looked at: %s; what follows stands for nothing.\n", span(l, 1, l.Checked))
	}
	for i, wrong := range l.Wrong {
		if i == printed {
			fmt.Fprintf(w, "    wrong: %d more\n", l.Counts.Wrong-uint64(i))
			break
		}
		fmt.Fprintf(w, "    wrong: %s\n", plainly(wrong, l))
	}
}

// printEarlier prints which entries claim to be older than the one before them.
func printEarlier(w io.Writer, l *audit.Log) {
	for i, n := range l.Earlier {
		if i == printed {
			fmt.Fprintf(w, "    note: %d more\n", l.Counts.Earlier-uint64(i))
			break
		}
		fmt.Fprintf(w, "    note: entry %s claims an earlier time than the entry before it: a clock was set back, or it is backdated.\n", named(l, n))
	}
}

// printLog prints what is proved of a log by a roster. pq says that both parties
// have a key of ML-DSA-44 on it.
func printLog(w io.Writer, l *audit.Log, pq bool) {
	fmt.Fprintf(w, "\n  %s: %s by party %s\n", l.Party, count(l.Entries, "entry", "entries"), l.Party)
	printWrong(w, l)
	printGenerations(w, l)
	if l.Entries == 0 {
		return
	}
	if l.Size == 0 && l.Receipted == 0 && l.Counts.Believed+l.Counts.Receipts+l.Counts.Refused == 0 {
		fmt.Fprintf(w, "    Nothing is proved of this log.\n")
		return
	}
	if l.Size > 0 {
		fmt.Fprintf(w, "    proved: %s signed %s with its log key; none is altered, missing or moved.\n", l.Party, span(l, 1, l.Size))
	}
	if l.Counts.Believed > 0 {
		fmt.Fprintf(w, "    proved: the quorum of %s's officers released %s to %s: %s.\n",
			l.Party, count(l.Counts.Believed, "message", "messages"), l.Peer, spans(l, l.Said))
	}
	for i, d := range l.Decisions {
		if i == printed {
			break
		}
		fmt.Fprintf(w, "    proved: in entry %s (%s by %s's clock) officers %s of %s decided about a fork of %s's log: to go on with the history of %s, root %s",
			named(l, d.Number), moment(d.Time), l.Party, strings.Join(d.Officers, ", "), l.Party, l.Peer, count(d.Held.Size, "entry", "entries"), d.Held.Root)
		for _, o := range d.Other {
			fmt.Fprintf(w, ", and not with that of %s, root %s", count(o.Size, "entry", "entries"), o.Root)
		}
		fmt.Fprintf(w, ". The fork itself is proved by its own file only.\n")
	}
	if l.Receipted > 0 {
		fmt.Fprintf(w, "    proved: %s receipted %s (%s by %s's clock).\n", l.Peer, span(l, 1, l.Receipted), moment(l.ReceiptedAt), l.Peer)
		printDoubt(w, l, l.ReceiptedDoubt)
	}
	printPostQuantum(w, l, pq)
	printWitnesses(w, l)
	for i, r := range l.Receipts {
		if i == printed {
			fmt.Fprintf(w, "    proved: %s receipted %d more entries by themselves.\n", l.Peer, l.Counts.Receipts-uint64(i))
			break
		}
		fmt.Fprintf(w, "    proved: %s receipted entry %s by itself (%s by %s's clock).\n", l.Peer, named(l, r.Number), moment(r.Received), l.Peer)
		printDoubt(w, l, r.Doubt)
	}
	for i, r := range l.Refused {
		if i == printed {
			fmt.Fprintf(w, "    proved: %s refused %d more entries.\n", l.Peer, l.Counts.Refused-uint64(i))
			break
		}
		fmt.Fprintf(w, "    proved: %s refused entry %s (%s by %s's clock): %s.\n", l.Peer, named(l, r.Number), moment(r.At), l.Peer, release.ReasonText(r.Reason))
		if r.Found == nil {
			fmt.Fprintf(w, "            Nothing wrong is found in that entry here.\n")
		}
		if r.Doubt {
			fmt.Fprintf(w, "            in doubt: whether %s did, because its station key was compromised.\n", l.Peer)
		}
	}
	printEarlier(w, l)
	printKeys(w, l)
	if l.ClaimsSeen > 0 {
		fmt.Fprintf(w, "    claimed: %s had seen %d entries of %s, more than stand in this file, which it exported.\n", l.Party, l.ClaimsSeen, l.Peer)
	}
	if l.Size > 0 {
		if l.Unreceipted.Count > 0 {
			fmt.Fprintf(w, "    not proved: that %s received %s.\n", l.Peer, spans(l, l.Unreceipted))
		}
		fmt.Fprintf(w, "    as of checkpoint %d, %s by %s's clock; later messages are not excluded.\n", l.Size, moment(l.Latest), l.Party)
	}
}

// printPostQuantum says which entries are cosigned by ML-DSA-44 as well, and which
// are not (spec/RECEIPT.md §9).
func printPostQuantum(w io.Writer, l *audit.Log, keys bool) {
	if l.PostQuantum > 0 {
		fmt.Fprintf(w, "    proved: %s and %s cosigned %s by ML-DSA-44 as well (both since %s, by the later of their clocks).\n",
			l.Party, l.Peer, span(l, 1, l.PostQuantum), moment(l.PostQuantumAt))
	}
	switch {
	case !keys:
		fmt.Fprintf(w, "    not proved by ML-DSA-44, only by Ed25519: anything here; the roster has no such keys of both parties.\n")
	case l.PostQuantum < lastProved(l):
		fmt.Fprintf(w, "    not proved by ML-DSA-44, only by Ed25519: %s.\n", span(l, l.PostQuantum+1, lastProved(l)))
	}
}

// lastProved is the last entry of which anything is proved: nothing is said of those
// behind it, which may be altered.
func lastProved(l *audit.Log) uint64 {
	last := max(l.Size, l.Receipted)
	for _, s := range l.Said.List {
		last = max(last, s.Last)
	}
	for _, r := range l.Receipts {
		last = max(last, r.Number)
	}
	for _, r := range l.Refused {
		last = max(last, r.Number)
	}
	return last
}

// printKeys says which key was valid when, where that changed, and what is in
// doubt because a key was compromised (spec/CHANGE.md §5).
func printKeys(w io.Writer, l *audit.Log) {
	for _, k := range l.Keys {
		if k.From == 1 && k.To == 0 && k.Doubt == 0 {
			continue // as the roster has it, from the first entry to the last
		}
		when := fmt.Sprintf("was valid from entry %s on", named(l, k.From))
		switch {
		case k.From == 0:
			when = "is put on record, and signs nothing yet"
		case k.To > 0:
			when = fmt.Sprintf("was valid for %s", span(l, k.From, k.To))
		}
		of := string(k.Role)
		if k.Name != "" {
			of += " " + isolate(k.Name)
		}
		if k.To > 0 && (k.Role == roster.RoleStation || k.Role == roster.RoleReceipt) {
			when += fmt.Sprintf(", and counts up to entry %d of %s", k.Seen, l.Peer)
		}
		fmt.Fprintf(w, "    proved: key %s of %s %s.\n", k.KeyID(), of, when)
		if k.Doubt > 0 {
			says := roster.Compromise{Role: k.Role, Key: k.KeyID(), Since: k.Doubt, Name: k.Name}
			if k.Role == roster.RoleOfficer {
				says.Name = isolate(k.Name)
			}
			fmt.Fprintf(w, "    in doubt: key %s was compromised, %s says: %s.\n", k.KeyID(), l.Party, says.Doubt(l.Party))
			fmt.Fprintf(w, "              What stays: %s.\n", says.Stays(l.Party))
		}
	}
	for _, d := range l.Doubtful {
		were := "were"
		if d.Entries.Count == 1 {
			were = "was"
		}
		fmt.Fprintf(w, "    in doubt: %s %s signed with the compromised key of %s.\n", spans(l, d.Entries), were, isolate(d.Key.Name))
	}
}

// printDoubt says what of a receipt is in doubt because its key was compromised.
func printDoubt(w io.Writer, l *audit.Log, d audit.InDoubt) {
	switch d {
	case audit.DoubtTime:
		fmt.Fprintf(w, "            in doubt: when, because the receipt key was compromised; that %s received it stands in its own log.\n", l.Peer)
	case audit.DoubtFact:
		fmt.Fprintf(w, "            in doubt: that it did, and when, because the receipt key was compromised, and no entry of %s says it has seen it.\n", l.Peer)
	}
}

// printMessage prints a message as its officers signed it. Its text holds no
// control but tabs and ends of lines, and no mark of order that reaches beyond
// a line (spec/MESSAGE.md §2); each line is isolated all the same, so that its
// direction cannot move what stands before it.
func printMessage(w io.Writer, party parley.Party, m audit.Message) {
	c := m.Released.Content()
	to := make([]string, len(c.To))
	for i, d := range c.To {
		to[i] = string(d)
	}
	officers := m.Released.Officers()
	for i, name := range officers {
		officers[i] = isolate(name)
	}
	fmt.Fprintf(w, "\n    %s, %s by %s's clock: %s %s %s, from %s to %s, released by %s\n", parley.MessageName(party, m.Generation, m.Number), moment(m.Time), party,
		c.Status, c.Precedence, c.Kind, c.From, strings.Join(to, ", "), strings.Join(officers, ", "))
	for _, name := range m.Refers {
		fmt.Fprintf(w, "      | refers to %s\n", name)
	}
	if c.Answer != 0 {
		fmt.Fprintf(w, "      | answer: %s", c.Answer)
		if c.By != 0 {
			fmt.Fprintf(w, " %s", moment(c.By))
		}
		fmt.Fprintln(w)
	}
	if c.Expires != 0 {
		fmt.Fprintf(w, "      | expires %s\n", moment(c.Expires))
	}
	if c.Body != "" {
		for line := range strings.SplitSeq(c.Body, "\n") {
			fmt.Fprintf(w, "      > %s\n", isolate(line))
		}
	}
}

// isolate puts text between marks that keep its direction to itself (Unicode
// UAX #9).
func isolate(s string) string { return "\u2068" + s + "\u2069" }

func moment(t parley.Time) string { return t.Time().Format("2006-01-02 15:04:05 UTC") }

func count(n uint64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
