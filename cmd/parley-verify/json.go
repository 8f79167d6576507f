package main

import (
	"encoding/base64"
	"encoding/json"
	"io"

	"parley/audit"
	"parley/release"
	"parley/roster"
)

// The JSON form for programs. Times are milliseconds since 1970 and claims of
// the party whose clock they name; everything else is proved or absent.

type jsonOutput struct {
	Line   string     `json:"line"`
	Words  string     `json:"roster_words"`
	Files  []jsonFile `json:"files"`
	Proved bool       `json:"proved"` // of all files that could be read
}

type jsonFile struct {
	File     string     `json:"file"`
	Proved   bool       `json:"proved"`
	Exporter string     `json:"exporter,omitempty"`
	Forked   string     `json:"forked,omitempty"` // the party whose log was forked
	Logs     []jsonLog  `json:"logs,omitempty"`
	Wrong    *jsonWrong `json:"wrong,omitempty"` // the first wrong thing
}

type jsonWrong struct {
	Party string `json:"party,omitempty"`
	Entry uint64 `json:"entry,omitempty"` // from 1
	Says  string `json:"says"`            // in plain words
	Error string `json:"error"`           // as the program has it
}

type jsonLog struct {
	Party       string        `json:"party"`
	Log         string        `json:"log"`
	Entries     uint64        `json:"entries"`
	Checked     uint64        `json:"checked"`
	Wrong       []jsonWrong   `json:"wrong,omitempty"`
	Believed    int           `json:"believed"`
	Checkpoint  uint64        `json:"checkpoint"` // the size; 0 where it was not reached
	Root        string        `json:"root,omitempty"`
	ClaimsSeen  uint64        `json:"seen_of_the_other_log_claimed,omitempty"` // where more than stands in the file
	Earlier     []uint64      `json:"earlier_than_the_entry_before,omitempty"`
	Latest      uint64        `json:"latest_time_claimed,omitempty"`
	Receipted   uint64        `json:"receipted"` // by a cosignature: entries 1 to this
	ReceiptedAt uint64        `json:"receipted_at_claimed,omitempty"`
	Receipts    []jsonReceipt `json:"receipts,omitempty"`
	Refused     []jsonRefused `json:"refused,omitempty"`
	Keys        []jsonKey     `json:"keys"`
	Messages    []jsonMessage `json:"messages,omitempty"` // with --show
}

// jsonKey is a key of the party and when it was valid.
type jsonKey struct {
	Role  string `json:"role"`
	Name  string `json:"name,omitempty"` // of an officer
	ID    string `json:"id"`
	Key   string `json:"key"`
	From  uint64 `json:"from"`            // the first entry that is judged with it
	To    uint64 `json:"to,omitempty"`    // the last, where it ended
	Doubt uint64 `json:"doubt,omitempty"` // from this entry on, because it was compromised
}

type jsonReceipt struct {
	Entry    uint64 `json:"entry"`
	Received uint64 `json:"received_claimed"`
}

type jsonRefused struct {
	Entry  uint64 `json:"entry"`
	Reason uint8  `json:"reason"`
	Text   string `json:"text"`
	At     uint64 `json:"at_claimed"`
	Found  string `json:"found,omitempty"` // what is wrong with it, as found here
}

type jsonMessage struct {
	Entry      uint64   `json:"entry"`
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

func printJSON(out io.Writer, r *roster.Roster, results []result, show bool) error {
	o := jsonOutput{Line: r.Line.String(), Words: r.Words(), Files: []jsonFile{}, Proved: true}
	for _, res := range results {
		f := jsonFile{File: res.file, Proved: res.proved(), Forked: string(res.forked)}
		o.Proved = o.Proved && f.Proved
		switch {
		case res.err != nil:
			f.Wrong = &jsonWrong{Says: unread(res.err), Error: res.err.Error()}
		case res.report != nil:
			f.Exporter = string(res.report.Exporter)
			for i := range res.report.Logs {
				f.Logs = append(f.Logs, jsonOf(&res.report.Logs[i], show))
			}
			if res.report.Wrong != nil {
				f.Wrong = &jsonWrong{string(res.report.Wrong.Party), res.report.Wrong.Entry, firstWrong(res.report), res.report.Wrong.Error()}
			}
		}
		o.Files = append(o.Files, f)
	}
	e := json.NewEncoder(out)
	e.SetIndent("", "  ")
	return e.Encode(o)
}

func jsonOf(l *audit.Log, show bool) jsonLog {
	j := jsonLog{
		Party: string(l.Party), Log: l.Log.String(), Entries: l.Entries, Checked: l.Checked, Believed: len(l.Believed),
		Checkpoint: l.Size, ClaimsSeen: l.ClaimsSeen, Earlier: l.Earlier, Latest: uint64(l.Latest), Receipted: l.Receipted,
	}
	for _, w := range l.Wrong {
		j.Wrong = append(j.Wrong, jsonWrong{string(w.Party), w.Entry, plainly(w, l), w.Error()})
	}
	if l.Size > 0 {
		j.Root = l.Root.String()
	}
	if l.Receipted > 0 {
		j.ReceiptedAt = uint64(l.ReceiptedAt)
	}
	for _, r := range l.Receipts {
		j.Receipts = append(j.Receipts, jsonReceipt{r.Number, uint64(r.Received)})
	}
	for _, r := range l.Refused {
		refused := jsonRefused{Entry: r.Number, Reason: uint8(r.Reason), Text: release.ReasonText(r.Reason), At: uint64(r.At)}
		if r.Found != nil {
			refused.Found = r.Found.Error()
		}
		j.Refused = append(j.Refused, refused)
	}
	j.Keys = []jsonKey{}
	for _, k := range l.Keys {
		j.Keys = append(j.Keys, jsonKey{string(k.Role), k.Name, k.KeyID().String(), base64.StdEncoding.EncodeToString(k.Key), k.From, k.To, k.Doubt})
	}
	if !show {
		return j
	}
	for _, m := range l.Believed {
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
		if c.Answer != 0 {
			message.Answer = c.Answer.String()
		}
		j.Messages = append(j.Messages, message)
	}
	return j
}
