package api

import (
	"math"
	"time"

	"parley"
	"parley/internal/station"
	"parley/link"
	"parley/wire"
)

// Line names one line of the station.
type Line struct {
	Name string `json:"name"` // the other party; "/deniable" follows on a deniable line
	ID   string `json:"id"`
	Self string `json:"party"`
	// Deniable says that what is said on it can be proved to nobody.
	Deniable bool `json:"deniable,omitempty"`
}

// Message is a message as people see it.
type Message struct {
	Name     string    `json:"name"` // "south/17": the 17th of south
	From     string    `json:"from"` // the desk, or the party if it is not believed
	Mine     bool      `json:"mine"`
	Number   uint64    `json:"number"`
	Seq      uint64    `json:"seq"`      // its place in the order of arrival here
	Composed time.Time `json:"composed"` // by the clock of the sender
	Received time.Time `json:"received"` // by the clock here
	Seen     uint64    `json:"seen"`     // how much of the other side's log its writer had seen
	Ahead    bool      `json:"ahead,omitempty"`

	// Deniable says that it can be proved to nobody (spec/DENIABLE.md §3).
	Deniable bool `json:"deniable,omitempty"`

	Believed   bool       `json:"believed"`
	Refusal    string     `json:"refusal,omitempty"`
	To         []string   `json:"to,omitempty"`
	Precedence string     `json:"precedence,omitempty"`
	Status     string     `json:"status,omitempty"`
	Kind       string     `json:"kind,omitempty"`
	References []string   `json:"references,omitempty"`
	Expires    *time.Time `json:"expires,omitempty"`
	Language   string     `json:"language,omitempty"`
	Answer     string     `json:"answer,omitempty"`
	By         *time.Time `json:"by,omitempty"`
	Body       string     `json:"body,omitempty"`
	Draft      string     `json:"draft,omitempty"` // the id of the draft it was
	Was        string     `json:"was,omitempty"`   // the name by which it was known here before a restore
	Sent       string     `json:"sent,omitempty"`  // the name under which it was sent before a restore, and not known here
	Officers   []string   `json:"officers,omitempty"`
	// InDoubt says of each compromised key that signed it what is in doubt
	// (spec/CHANGE.md §5).
	InDoubt []string `json:"in_doubt,omitempty"`

	Receipted bool       `json:"receipted"` // the addressee proved to hold it
	Cosigned  bool       `json:"cosigned"`  // by a cosignature of the whole log so far
	Single    *time.Time `json:"single,omitempty"`
	Disputed  string     `json:"disputed,omitempty"`
	MLDSA     bool       `json:"cosigned_by_ml_dsa"` // by both parties, as well

	Channels []Fate `json:"channels,omitempty"`
}

// Fate is what became of a message on one channel.
type Fate struct {
	Channel   string    `json:"channel"`
	Direction string    `json:"direction"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Count     uint64    `json:"count"`
}

func optional(t parley.Time) *time.Time {
	if t == 0 {
		return nil
	}
	at := t.Time()
	return &at
}

func messageOf(l *station.Line, m station.Message) Message {
	out := Message{
		Name: l.MessageName(m.From, m.Ref.Number), From: string(m.From), Mine: m.Mine, Number: m.Ref.Number, Seq: m.Seq,
		Composed: m.Composed.Time(), Received: m.Received.Time(), Seen: m.Seen, Ahead: m.Ahead, Deniable: l.Deniable(),
		Believed: m.Believed, Refusal: m.Refusal,
		Receipted: m.Receipts.Cosigned || m.Receipts.Single != 0, Cosigned: m.Receipts.Cosigned,
		Single: optional(m.Receipts.Single), Disputed: m.Receipts.Disputed, MLDSA: m.Receipts.PostQuantum,
	}
	for _, f := range m.Fates {
		out.Channels = append(out.Channels, Fate{
			Channel: f.Channel, Direction: f.Direction.String(), First: f.First.Time(), Last: f.Last.Time(), Count: f.Count,
		})
	}
	if !m.Believed {
		return out
	}
	c := m.Content
	out.From, out.Precedence, out.Status, out.Kind = string(c.From), c.Precedence.String(), c.Status.String(), c.Kind.String()
	for _, d := range c.To {
		out.To = append(out.To, string(d))
	}
	for _, r := range c.References {
		out.References = append(out.References, l.Referred(m, r))
	}
	out.Expires, out.Language, out.Body = optional(c.Expires), c.Language, c.Body
	if !l.Deniable() { // there they are no persons
		out.Officers = m.Officers
	}
	out.Draft, out.Was, out.Sent = c.Draft.String(), m.Was, m.Sent
	for _, t := range m.Compromised {
		out.InDoubt = append(out.InDoubt, t.Doubt(m.From))
	}
	if c.Answer != 0 {
		out.Answer, out.By = c.Answer.String(), optional(c.By)
	}
	return out
}

// Draft is a text that waits for officers. Content is what they sign.
type Draft struct {
	ID       string    `json:"id"`
	Created  time.Time `json:"created"`
	Content  []byte    `json:"content"` // base64 in JSON
	Approved []string  `json:"approved"`
	Quorum   int       `json:"quorum"`
	Text     Message   `json:"text"`
}

func draftOf(l *station.Line, d station.Draft) (Draft, error) {
	c, err := wire.ParseContent(d.Content)
	if err != nil {
		return Draft{}, err
	}
	approved := d.Approved
	if approved == nil {
		approved = []string{}
	}
	text := messageOf(l, station.Message{From: c.From.Party(), Mine: true, Composed: d.Created, Received: d.Created, Believed: true, Content: c})
	text.Name, text.References = "", nil
	for _, r := range c.References { // as they are meant where it would stand
		text.References = append(text.References, l.NameOf(r))
	}
	return Draft{
		ID: d.ID.String(), Created: d.Created.Time(), Content: d.Content,
		Approved: approved, Quorum: d.Quorum, Text: text,
	}, nil
}

// Status is one line as the station knows it.
type Status struct {
	Line     Line      `json:"line"`
	At       time.Time `json:"at"`
	Ours     Log       `json:"ours"`
	Theirs   Log       `json:"theirs"`
	MLDSA    bool      `json:"ml_dsa_keys"` // both sides have a key that cosigns by ML-DSA-44
	Channels []Channel `json:"channels"`
	Drafts   int       `json:"drafts"`
	Refused  uint64    `json:"refused_frames"`
	// RefusedBy is Refused by channel and reason.
	RefusedBy []RefusedFrames `json:"refused_by"`
	Quota     Quota           `json:"quota"`
	Troubles  []Trouble       `json:"troubles"`
	// Key is the verifier key of our log (spec/TRANSCRIPT.md §7), under the name that it
	// goes on with; none on a deniable line.
	Key       string    `json:"verifier_key,omitempty"`
	Witnesses []Witness `json:"witnesses,omitempty"` // of our log
}

// Quota is what the other side may make this station keep; a bound that is left
// out is none. Used and FlashUsed are parts of 1.
type Quota struct {
	Messages   int64   `json:"messages,omitempty"`
	Bytes      int64   `json:"bytes,omitempty"`
	Flash      int64   `json:"flash,omitempty"`
	FlashBytes int64   `json:"flash_bytes,omitempty"`
	Seconds    int64   `json:"seconds"`
	Used       float64 `json:"used"`
	FlashUsed  float64 `json:"flash_used"`
	Wait       uint64  `json:"wait_seconds,omitempty"` // while nothing but Flash is taken
}

// Trouble is something that a person should know, and what to do.
type Trouble struct {
	Channel string    `json:"channel,omitempty"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Count   uint64    `json:"count,omitempty"`
	What    string    `json:"what"`
	Do      string    `json:"do"`
}

func quotaOf(q station.QuotaStatus) Quota {
	return Quota{
		Messages: bound(q.Messages), Bytes: bound(q.Bytes), Flash: bound(q.Flash), FlashBytes: bound(q.FlashBytes),
		Seconds: int64(q.Per.Seconds()), Used: q.Used, FlashUsed: q.FlashUsed, Wait: q.Wait,
	}
}

// bound returns a bound, 0 if it is none.
func bound(n int64) int64 {
	if n == math.MaxInt64 {
		return 0
	}
	return n
}

// RefusedFrames are the frames of one channel that were refused for one reason.
type RefusedFrames struct {
	Channel string    `json:"channel"`
	Reason  string    `json:"reason"`
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Count   uint64    `json:"count"`
}

// Log is how far one log is here.
type Log struct {
	ID       string `json:"id"`
	Size     uint64 `json:"size"`
	Ahead    int    `json:"ahead"`
	Cosigned uint64 `json:"cosigned"`
	Refusals uint64 `json:"refusals"`
	Halted   string `json:"halted,omitempty"`
	// LogKeyDoubt says that the party told a log key of its own as compromised, in words.
	LogKeyDoubt string `json:"log_key_doubt,omitempty"`

	Generation int  `json:"generation"`          // in which the next entry stands, counted from 1
	Restoring  bool `json:"restoring,omitempty"` // nothing is signed in it: this station was restored, and it is not whole again

	MLDSA      uint64     `json:"cosigned_by_ml_dsa"`                 // by both parties: entries 1 to this
	MLDSAUpTo  string     `json:"cosigned_by_ml_dsa_up_to,omitempty"` // the name of that one
	MLDSASince *time.Time `json:"cosigned_by_ml_dsa_since,omitempty"`
}

// Channel is one channel and its last proof of life.
type Channel struct {
	Name      string     `json:"name"`
	Class     string     `json:"class"`
	Narrow    bool       `json:"narrow,omitempty"`
	Up        bool       `json:"up"`
	Enabled   bool       `json:"enabled"`
	Since     time.Time  `json:"since"`
	Proven    *time.Time `json:"proven,omitempty"` // the last line check that came back
	RoundTrip uint64     `json:"round_trip_ms,omitempty"`
	Silent    *time.Time `json:"silent,omitempty"` // the first line check without an answer since, when that is too long ago: the channel is unproven
	Heard     *time.Time `json:"heard,omitempty"`
	Health    Health     `json:"health"`
	Sent      uint64     `json:"sent_frames"`
	Received  uint64     `json:"received_frames"`
	Waiting   int        `json:"waiting_frames"`
	Error     string     `json:"error,omitempty"`
}

// Health is what was measured of a channel since the station began, and what
// the channel for a message is chosen by.
type Health struct {
	P50    uint64  `json:"latency_p50_ms"` // to a receipt; of line checks while few entries were timed
	P99    uint64  `json:"latency_p99_ms"`
	Times  int     `json:"latency_samples"`
	Lost   int     `json:"probes_lost"` // of the newest probes, those without an answer when it was due
	Probes int     `json:"probes"`
	Loss   float64 `json:"loss"`               // the share that they are
	Rate   uint64  `json:"throughput_bytes_s"` // the most that was seen to pass lately
	Late   bool    `json:"late"`               // it owes an answer that is overdue, and others are preferred
	Proved bool    `json:"proved"`             // a question and its answer went round since it came up
}

func healthOf(h link.Health) Health {
	out := Health{
		P50: uint64(h.P50.Milliseconds()), P99: uint64(h.P99.Milliseconds()), Times: h.Samples,
		Lost: h.Lost, Probes: h.Probes, Rate: h.Rate, Late: h.Late, Proved: h.Proved,
	}
	if h.Probes > 0 {
		out.Loss = float64(h.Lost) / float64(h.Probes)
	}
	return out
}

func logOf(l *station.Line, s station.LogStatus) Log {
	out := Log{ID: s.Log.String(), Size: s.Size, Ahead: s.Ahead, Cosigned: s.Cosigned, Refusals: s.Refusals, Halted: s.Halted, LogKeyDoubt: s.LogKeyDoubt, Generation: s.Generation, Restoring: s.Restoring,
		MLDSA: s.PostQuantum, MLDSASince: optional(s.PostQuantumAt)}
	if s.PostQuantum > 0 {
		out.MLDSAUpTo = l.NameOf(parley.Ref{Log: s.Log, Number: s.PostQuantum})
	}
	return out
}

func statusOf(l *station.Line, s station.Status) Status {
	out := Status{Line: lineOf(l), MLDSA: s.PostQuantum, At: s.At.Time(), Ours: logOf(l, s.Ours), Theirs: logOf(l, s.Theirs), Drafts: s.Drafts, Refused: s.RefusedFrames(), RefusedBy: []RefusedFrames{}, Channels: []Channel{}}
	out.Quota, out.Troubles = quotaOf(s.Quota), []Trouble{}
	for _, t := range s.Troubles {
		out.Troubles = append(out.Troubles, Trouble{Channel: t.Channel, First: t.First.Time(), Last: t.Last.Time(), Count: t.Count, What: t.What, Do: t.Do})
	}
	for _, c := range s.Refused {
		out.RefusedBy = append(out.RefusedBy, RefusedFrames{Channel: c.Channel, Reason: c.Reason, First: c.First.Time(), Last: c.Last.Time(), Count: c.Count})
	}
	for _, c := range s.Channels {
		out.Channels = append(out.Channels, Channel{
			Name: c.Name, Class: c.Class.String(), Narrow: c.Narrow, Up: c.Up, Enabled: c.Enabled, Since: c.Since.UTC(),
			Proven: optional(c.Proof.At), RoundTrip: uint64(c.Proof.RoundTrip), Silent: optional(c.Silent), Heard: optional(c.Heard), Health: healthOf(c.Health),
			Sent: c.Sent.Frames, Received: c.Received.Frames, Waiting: c.Queued, Error: c.LastError,
		})
	}
	return out
}

func lineOf(l *station.Line) Line {
	return Line{Name: l.Name(), ID: l.ID().String(), Self: string(l.Self().Party), Deniable: l.Deniable()}
}

// Event is one piece of news, as the stream of events tells it.
type Event struct {
	Kind    string    `json:"event"`
	Line    string    `json:"line"`
	At      time.Time `json:"at"`
	Message string    `json:"message,omitempty"`
	Channel string    `json:"channel,omitempty"`
	Text    string    `json:"text,omitempty"`
	Missed  uint64    `json:"missed,omitempty"` // news that this reader was too slow for
}
