package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"

	"parley/audit"
	"parley/lines"
	"parley/release"
	"parley/roster"
)

// The JSON form for programs. Times are milliseconds since 1970 and claims of
// the party whose clock they name; everything else is proved or absent.

type jsonOutput struct {
	Line      string     `json:"line"`
	Words     string     `json:"roster_words,omitempty"`  // where a roster was given
	Keys      []string   `json:"verifier_keys,omitempty"` // where those were given
	Witnesses []string   `json:"witness_keys,omitempty"`  // that were given
	Evidence  string     `json:"evidence,omitempty"`      // "deniable": proved to nobody but the two parties
	Files     []jsonFile `json:"files"`
	Proved    bool       `json:"proved"` // of all files that could be read
	Exit      int        `json:"exit"`   // the exit code
}

type jsonFile struct {
	File     string     `json:"file"`
	Proved   bool       `json:"proved"`
	Exporter string     `json:"exporter,omitempty"`
	MLDSA    bool       `json:"ml_dsa_keys,omitempty"` // the roster has a receipt-pq key of both parties
	Forked   string     `json:"forked,omitempty"`      // the party whose log was forked
	Logs     []jsonLog  `json:"logs,omitempty"`
	Proof    *jsonProof `json:"proof,omitempty"` // of messages
	Wrong    *jsonWrong `json:"wrong,omitempty"` // the first wrong thing
}

type jsonWrong struct {
	Party string `json:"party,omitempty"`
	Entry uint64 `json:"entry,omitempty"` // from 1
	Line  int    `json:"line,omitempty"`  // of the file
	Says  string `json:"says"`            // in plain words
	Error string `json:"error"`           // as the program has it
}

type jsonLog struct {
	Party string `json:"party"`
	Log   string `json:"log"` // in the roster

	Generations []jsonGeneration `json:"generations"` // one at least

	Basis       string          `json:"basis"` // roster, key or none: what the proofs stand on
	Entries     uint64          `json:"entries"`
	Checked     uint64          `json:"checked"`
	Wrong       []jsonWrong     `json:"wrong,omitempty"` // this list and those below: the first 1,000
	Counts      jsonCounts      `json:"counts"`          // of all that the lists have the first of
	Believed    uint64          `json:"believed"`
	Checkpoint  uint64          `json:"checkpoint"` // the size; 0 where it was not reached
	Root        string          `json:"root,omitempty"`
	ClaimsSeen  uint64          `json:"seen_of_the_other_log_claimed,omitempty"` // where more than stands in the file
	Earlier     []uint64        `json:"earlier_than_the_entry_before,omitempty"`
	Latest      uint64          `json:"latest_time_claimed,omitempty"`
	Receipted   uint64          `json:"receipted"` // by a cosignature: entries 1 to this
	ReceiptedAt uint64          `json:"receipted_at_claimed,omitempty"`
	InDoubt     string          `json:"receipted_in_doubt,omitempty"` // "time", or "fact" and time; the key was compromised
	MLDSA       uint64          `json:"cosigned_by_ml_dsa"`           // by both parties: entries 1 to this
	MLDSASince  uint64          `json:"cosigned_by_ml_dsa_since_claimed,omitempty"`
	Witnessed   []jsonWitnessed `json:"witnessed,omitempty"` // by size
	Receipts    []jsonReceipt   `json:"receipts,omitempty"`
	Refused     []jsonRefused   `json:"refused,omitempty"`
	Unreceipted uint64          `json:"not_known_to_be_received"`
	Keys        []jsonKey       `json:"keys"`
	Messages    any             `json:"messages,omitempty"` // with --show: a list of jsonMessage
}

type jsonCounts struct {
	Wrong    uint64 `json:"wrong"`
	Earlier  uint64 `json:"earlier_than_the_entry_before"`
	Receipts uint64 `json:"receipts"`
	Refused  uint64 `json:"refused"`
}

// placeholder stands for messages that are printed in its place. No string in the
// object holds it: it has a NUL, which no name and no text has.
type placeholder struct{}

func (placeholder) MarshalJSON() ([]byte, error) { return []byte(placeheld), nil }

const placeheld = `"\u0000messages"`

// jsonGeneration is the part of a log that was written under one name. Without a roster
// its place is a claim of the file, too.
type jsonGeneration struct {
	Generation int    `json:"generation"`                // counted from 1
	Log        string `json:"log"`                       // its name, in entries and checkpoints
	From       uint64 `json:"from"`                      // the first entry, written or not
	Renewed    uint64 `json:"renewed_claimed,omitempty"` // by the party whose log it is
	Closed     uint64 `json:"closed_claimed,omitempty"`  // the one before it, by the other party
	InDoubt    string `json:"closed_in_doubt,omitempty"` // "time", or "fact" and time; the key that closed was compromised
	LogKey     string `json:"log_key,omitempty"`         // id of the key that signs it, where it is another than before
	Change     uint64 `json:"log_key_change,omitempty"`  // the entry that brought that key
}

func jsonGenerations(list []audit.Generation) (out []jsonGeneration) {
	for i, g := range list {
		one := jsonGeneration{
			Generation: i + 1, Log: g.Log.String(), From: g.From, Renewed: uint64(g.Renewed), Closed: uint64(g.Closed), InDoubt: doubtOf(g.ClosedDoubt), Change: g.Change,
		}
		if g.Change > 0 {
			one.LogKey = g.Key.String()
		}
		out = append(out, one)
	}
	return out
}

// jsonKey is a key of the party and when it was valid.
type jsonKey struct {
	Role  string `json:"role"`
	Name  string `json:"name,omitempty"` // of an officer
	ID    string `json:"id"`
	Key   string `json:"key"`
	From  uint64 `json:"from"`            // the first entry that is judged with it
	To    uint64 `json:"to,omitempty"`    // the last, where it ended
	Seen  uint64 `json:"seen,omitempty"`  // up to this entry of the other log a station or receipt key counts that ended
	Doubt uint64 `json:"doubt,omitempty"` // from this entry on, because it was compromised
}

type jsonReceipt struct {
	Entry    uint64 `json:"entry"`
	Received uint64 `json:"received_claimed"`
	InDoubt  string `json:"in_doubt,omitempty"` // as receipted_in_doubt
}

type jsonRefused struct {
	Entry   uint64 `json:"entry"`
	Reason  uint8  `json:"reason"`
	Text    string `json:"text"`
	At      uint64 `json:"at_claimed"`
	InDoubt bool   `json:"in_doubt,omitempty"` // the station key was compromised
	Found   string `json:"found,omitempty"`    // what is wrong with it, as found here
}

type jsonMessage struct {
	Entry      uint64   `json:"entry"`
	Generation int      `json:"generation,omitempty"` // of the log, where it is not the first
	Time       uint64   `json:"time_claimed"`
	From       string   `json:"from"`
	To         []string `json:"to"`
	Precedence string   `json:"precedence"`
	Status     string   `json:"status"`
	Kind       string   `json:"kind"`
	Language   string   `json:"language"`
	Officers   []string `json:"officers"`
	Body       string   `json:"body,omitempty"`
	Answer     string   `json:"answer,omitempty"`
	By         uint64   `json:"by,omitempty"`
	Doubt      []string `json:"doubt,omitempty"` // ids of compromised keys that signed it
}

func printJSON(out io.Writer, t trust, results []result, exit int) error {
	o := jsonOutput{Files: []jsonFile{}, Proved: true, Exit: exit}
	if t.roster != nil {
		o.Line, o.Words = t.roster.Line.String(), t.roster.Words()
	}
	if t.deniable() {
		o.Evidence, o.Proved = string(roster.Deniable), false
	}
	for _, k := range t.keys {
		o.Line = k.Line.String()
		o.Keys = append(o.Keys, k.String())
	}
	for _, k := range t.witnesses {
		o.Witnesses = append(o.Witnesses, k.String())
	}
	var copies []func(io.Writer) error // of the messages, in order
	for _, res := range results {
		f := jsonFile{File: res.file, Proved: res.proved() && !t.deniable(), Forked: string(res.forked)}
		o.Proved = o.Proved && f.Proved
		switch {
		case res.err != nil:
			f.Wrong = &jsonWrong{Says: unread(res.err), Error: res.err.Error()}
			if line := new(lines.Error); errors.As(res.err, &line) {
				f.Wrong.Line = line.Line
			}
		case res.report != nil:
			f.Exporter, f.MLDSA = string(res.report.Exporter), res.report.PostQuantum
			for i := range res.report.Logs {
				l := jsonOf(&res.report.Logs[i])
				if party := res.report.Logs[i].Party; res.messages.has(party) {
					l.Messages = placeholder{}
					copies = append(copies, func(w io.Writer) error { return res.messages.copyTo(w, party) })
				}
				f.Logs = append(f.Logs, l)
			}
			if res.report.Wrong != nil {
				w := res.report.Wrong
				f.Wrong = &jsonWrong{string(w.Party), w.Entry, w.Line, firstWrong(res.report), w.Error()}
			}
		case res.shown != nil:
			f.Proof = jsonOfProof(res.shown, res.show)
			if w := res.shown.Wrong; w != nil {
				f.Wrong = &jsonWrong{string(w.Party), w.Entry, w.Line, wrongProof(res.shown), w.Error()}
			}
		}
		o.Files = append(o.Files, f)
	}
	b, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	for i, part := range bytes.Split(append(b, '\n'), []byte(placeheld)) {
		if i > 0 {
			w.WriteString("[")
			if err := copies[i-1](w); err != nil {
				return err
			}
			w.WriteString("\n" + messageIndent[2:] + "]")
		}
		w.Write(part)
	}
	return w.Flush()
}

func doubtOf(d audit.InDoubt) string {
	switch d {
	case audit.DoubtTime:
		return "time"
	case audit.DoubtFact:
		return "fact"
	}
	return ""
}

var bases = map[audit.Basis]string{audit.ByRoster: "roster", audit.ByKey: "key", audit.ByNothing: "none"}

func jsonOf(l *audit.Log) jsonLog {
	j := jsonLog{
		Party: string(l.Party), Log: l.Log.String(), Generations: jsonGenerations(l.Generations), Basis: bases[l.Basis], Entries: l.Entries, Checked: l.Checked,
		Believed: l.Counts.Believed, Counts: jsonCounts{l.Counts.Wrong, l.Counts.Earlier, l.Counts.Receipts, l.Counts.Refused},
		Unreceipted: l.Unreceipted.Count,
		Checkpoint:  l.Size, ClaimsSeen: l.ClaimsSeen, Earlier: l.Earlier, Latest: uint64(l.Latest), Receipted: l.Receipted,
	}
	for _, w := range l.Wrong {
		j.Wrong = append(j.Wrong, jsonWrong{string(w.Party), w.Entry, w.Line, plainly(w, l), w.Error()})
	}
	if l.Size > 0 {
		j.Root = l.Root.String()
	}
	if l.Receipted > 0 {
		j.ReceiptedAt, j.InDoubt = uint64(l.ReceiptedAt), doubtOf(l.ReceiptedDoubt)
	}
	if l.PostQuantum > 0 {
		j.MLDSA, j.MLDSASince = l.PostQuantum, uint64(l.PostQuantumAt)
	}
	j.Receipts, j.Refused = jsonReceipts(l.Receipts), jsonRefusals(l.Refused)
	j.Witnessed = jsonWitnesses(l.Witnessed)
	j.Keys = []jsonKey{}
	for _, k := range l.Keys {
		j.Keys = append(j.Keys, jsonKey{string(k.Role), k.Name, k.KeyID().String(), base64.StdEncoding.EncodeToString(k.Key), k.From, k.To, k.Seen, k.Doubt})
	}
	return j
}

func jsonReceipts(list []audit.Receipt) (out []jsonReceipt) {
	for _, r := range list {
		out = append(out, jsonReceipt{r.Number, uint64(r.Received), doubtOf(r.Doubt)})
	}
	return out
}

func jsonRefusals(list []audit.Refused) (out []jsonRefused) {
	for _, r := range list {
		refused := jsonRefused{Entry: r.Number, Reason: uint8(r.Reason), Text: release.ReasonText(r.Reason), At: uint64(r.At), InDoubt: r.Doubt}
		if r.Found != nil {
			refused.Found = r.Found.Error()
		}
		out = append(out, refused)
	}
	return out
}

func jsonMessages(list []audit.Message) (out []jsonMessage) {
	for _, m := range list {
		out = append(out, jsonOfMessage(m))
	}
	return out
}

func jsonOfMessage(m audit.Message) jsonMessage {
	c := m.Released.Content()
	message := jsonMessage{
		Entry: m.Number, Time: uint64(m.Time), From: string(c.From), Precedence: c.Precedence.String(), Status: c.Status.String(),
		Kind: c.Kind.String(), Language: c.Language, Officers: m.Released.Officers(), Body: c.Body, By: uint64(c.By),
	}
	for _, d := range c.To {
		message.To = append(message.To, string(d))
	}
	for _, d := range m.Doubts {
		message.Doubt = append(message.Doubt, d.Key.String())
	}
	if m.Generation > 1 {
		message.Generation = m.Generation
	}
	if c.Answer != 0 {
		message.Answer = c.Answer.String()
	}
	return message
}
