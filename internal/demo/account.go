package demo

import (
	"parley/internal/api"
)

// Result is what a check found. Its JSON is the last line of a check.
type Result struct {
	Sent        int `json:"sent"`               // by both sides together
	Receipted   int `json:"receipted"`          // proved to the sender to be held by the other side
	Lost        int `json:"lost"`               // not receipted, or not readable at the other side as it was said
	Duplicated  int `json:"duplicated"`         // more than once in the record
	Misordered  int `json:"misordered_numbers"` // not in the order of release, or with a gap before
	Refused     int `json:"refused_frames"`
	Cuts        int `json:"cuts"`
	Kills       int `json:"kills"`
	LookedUp    int `json:"looked_up"` // releases whose answer a kill took, found by the draft's id
	Transcripts int `json:"transcripts_verified"`

	Confirm  Percentiles `json:"confirm_ms"` // from the last approval to the proof
	Measured int         `json:"confirm_measured"`
	Floor    Percentiles `json:"floor_ms"` // the least that two programs need for the same; package floor
	Ratio    float64     `json:"ratio_p50"`
	Seconds  float64     `json:"seconds"`
}

// Good reports whether everything that was said is receipted by the other side
// and readable there, once and in order, and both transcripts verify.
func (r Result) Good() bool {
	return r.Sent > 0 && r.Receipted == r.Sent && r.Lost == 0 && r.Duplicated == 0 && r.Misordered == 0 && r.Transcripts == 2
}

// Account compares what one side said with what both stations hold of its log:
// mine is the list of the side's own messages, theirs that of the other side,
// each in the order of arrival there. It adds to r.
func Account(r *Result, said []Said, mine, theirs []api.Message) {
	r.Sent += len(said)
	receipted := map[string]bool{}
	for _, m := range mine {
		receipted[m.Draft] = receipted[m.Draft] || m.Receipted && m.Disputed == ""
	}
	arrived := map[string][]api.Message{}
	numbers := map[uint64]bool{}
	for _, m := range theirs {
		arrived[m.Draft] = append(arrived[m.Draft], m)
		if numbers[m.Number] {
			r.Misordered++
		}
		numbers[m.Number] = true
	}
	for i, m := range said {
		if receipted[m.Draft] {
			r.Receipted++
		}
		if m.LookedUp {
			r.LookedUp++
		}
		copies := arrived[m.Draft]
		readable := len(copies) > 0 && same(m, copies[0])
		if !receipted[m.Draft] || !readable {
			r.Lost++
		}
		if len(copies) > 1 {
			r.Duplicated++
		}
		if m.Number != uint64(i+1) {
			r.Misordered++
		}
		delete(arrived, m.Draft)
	}
	// What nobody said, or said once and was sent twice under another draft.
	for _, copies := range arrived {
		r.Duplicated += len(copies)
	}
}

// same reports whether a message is shown at the other side as it was said.
func same(said Said, m api.Message) bool {
	return m.Believed && m.Number == said.Number && m.Body == said.Body &&
		m.Language == said.Language && m.Precedence == said.Precedence.String()
}
