package main

import (
	"errors"
	"fmt"
	"io"

	"parley/audit"
	"parley/proof"
	"parley/release"
	"parley/transcript"
)

// A proof of messages, and what is said of it (spec/PROOF.md §6).

// isProof reports whether a file begins like one.
func isProof(source io.ReaderAt, size int64) bool {
	b := make([]byte, min(size, 128))
	n, _ := source.ReadAt(b, 0)
	_, ok := proof.Recognize(b[:n])
	return ok
}

var errProofWithoutRoster = errors.New("a proof of messages stands on the officers' keys: give the roster of the line, --roster FILE")

// shown looks at a proof of messages.
func (p program) shown(source io.ReaderAt, size int64) (*audit.ProofReport, error) {
	if size > proof.MaxFile {
		return nil, fmt.Errorf("proof: %w: more than %d bytes", proof.ErrMalformed, proof.MaxFile)
	}
	if p.trust.roster == nil {
		return nil, errProofWithoutRoster
	}
	file := make([]byte, size)
	if n, err := source.ReadAt(file, 0); n < len(file) {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	read, err := proof.Parse(file, p.trust.roster)
	if err != nil {
		return nil, err
	}
	return audit.Proof(read, p.trust.roster), nil
}

func printProof(w io.Writer, r *audit.ProofReport, show bool) {
	if r.Wrong != nil {
		fmt.Fprintf(w, "\n  WRONG: %s\n  Nothing in this file is proved.\n", wrongProof(r))
		inDetail(w, r.Wrong)
		return
	}
	log := r.Log()
	fmt.Fprintf(w, "\n  All that this file claims, and a file can prove, is proved.\n\n  %s: %s by party %s\n", r.Party, span(log, r.First, r.Last), r.Party)
	stands := "it stands in its log at that place"
	if r.Last > r.First {
		stands = "they stand in its log at these places, and none between them is missing"
	}
	fmt.Fprintf(w, "    proved: %s signed with its log key that %s; none is altered.\n", r.Party, stands)
	if len(r.Believed) > 0 {
		fmt.Fprintf(w, "    proved: the quorum of %s's officers released %s to %s: %s.\n", r.Party,
			count(uint64(len(r.Believed)), "message", "messages"), r.Peer, spans(log, r.Said))
	}
	if r.Cosigned {
		fmt.Fprintf(w, "    proved: %s receipted all %s of the log, with what is shown here (%s by %s's clock).\n", r.Peer, count(r.Size, "entry", "entries"), moment(r.CosignedAt), r.Peer)
		printDoubt(w, log, r.CosignedDoubt)
	}
	for _, receipt := range r.Receipts {
		fmt.Fprintf(w, "    proved: %s receipted entry %s by itself (%s by %s's clock).\n", r.Peer, named(log, receipt.Number), moment(receipt.Received), r.Peer)
		printDoubt(w, log, receipt.Doubt)
	}
	for _, refused := range r.Refused {
		fmt.Fprintf(w, "    proved: %s refused entry %s (%s by %s's clock): %s.\n", r.Peer, named(log, refused.Number), moment(refused.At), r.Peer, release.ReasonText(refused.Reason))
		if refused.Found == nil {
			fmt.Fprintf(w, "            Nothing wrong is found in that entry here.\n")
		}
		if refused.Doubt {
			fmt.Fprintf(w, "    in doubt: that refusal, because the key that signed it was compromised, %s says.\n", r.Peer)
		}
	}
	printGenerations(w, log)
	printGenerations(w, r.Other())
	printSeen(w, r)
	for _, n := range r.Changes {
		fmt.Fprintf(w, "    proved: in entry %s %s changed its own officers or keys.\n", named(log, n), r.Party)
	}
	for _, n := range r.Others {
		fmt.Fprintf(w, "    proved: in entry %s of its own log %s changed its officers or keys.\n", named(r.Other(), n), r.Peer)
	}
	for _, m := range r.Believed {
		for _, d := range m.Doubts {
			fmt.Fprintf(w, "    in doubt: entry %s was signed with the compromised key of %s.\n", named(log, m.Number), isolate(d.Name))
		}
	}
	if !r.Cosigned {
		fmt.Fprintf(w, "    not proved: that %s holds the log up to there.\n", r.Peer)
	}
	fmt.Fprintf(w, "    not proved: that %s refused none of it, and that %s did not change its officers in entries that are not shown. A transcript proves that.\n", r.Peer, r.Party)
	fmt.Fprintf(w, "    as of checkpoint %d; later messages are not excluded.\n", r.Size)
	if show {
		for _, m := range r.Believed {
			printMessage(w, r.Party, m)
		}
	}
	fmt.Fprintf(w, "\n  Claimed, not proved: every time above, each by the clock of the party named.\n")
}

// printSeen says what the writer of the entries had seen of the other log, once for
// entries in a row that say the same.
func printSeen(w io.Writer, r *audit.ProofReport) {
	log, confirmed := r.Log(), ""
	if r.PeerSize > 0 {
		confirmed = fmt.Sprintf(", of %d that %s signed to have said by %s (%s's clock)", r.PeerSize, r.Peer, moment(r.PeerAt), r.Party)
	}
	for i := 0; i < len(r.Seen); {
		last := i
		for last+1 < len(r.Seen) && r.Seen[last+1] == r.Seen[i] {
			last++
		}
		what := fmt.Sprintf("no message of %s", r.Peer)
		if n := r.Seen[i]; n > 0 {
			what = fmt.Sprintf("%s's messages up to %d%s", r.Peer, n, confirmed)
		}
		fmt.Fprintf(w, "    proved: when %s wrote %s it said that it had seen %s.\n", r.Party, span(log, r.First+uint64(i), r.First+uint64(last)), what)
		i = last + 1
	}
}

// wrongProof says what is wrong with a proof.
func wrongProof(r *audit.ProofReport) string {
	log := r.Log()
	switch w := r.Wrong; {
	case errors.Is(w, audit.ErrRoster):
		return "The file is of another line than this roster: one of the two is not what the parties agreed on."
	case errors.Is(w, transcript.ErrProof) || errors.Is(w, transcript.ErrSize):
		return fmt.Sprintf("What is shown does not stand in the log that %s signed: an entry or a hash was altered, or the proof is of other entries.", r.Party)
	case errors.Is(w, release.ErrOfficer) && w.Entry == 0:
		return "An officer is named in it who did not sign, or has another name."
	case errors.Is(w, audit.ErrStatement) && !errors.Is(w, audit.ErrUnsigned) && w.Entry < r.First || w.Entry > r.Last:
		return fmt.Sprintf("Entry %s is shown as a change of %s's officers or keys, and is none that counts.", named(log, w.Entry), r.Party)
	default:
		return plainly(w, log)
	}
}

// jsonProof is a proof of messages. The times are claims.
type jsonProof struct {
	Party      string        `json:"party"`
	First      uint64        `json:"first"`
	Last       uint64        `json:"last"`
	Checkpoint uint64        `json:"checkpoint"`
	Root       string        `json:"root"`
	Cosigned   bool          `json:"cosigned"` // by the other party
	CosignedAt uint64        `json:"cosigned_at_claimed,omitempty"`
	Seen       []uint64      `json:"seen_of_the_other_log"` // by each entry
	PeerSize   uint64        `json:"other_log,omitempty"`   // as the other party signed it
	Changes    []uint64      `json:"changes,omitempty"`
	Others     []uint64      `json:"changes_of_the_other,omitempty"`
	InDoubt    string        `json:"cosigned_in_doubt,omitempty"` // "time", or "fact"
	Receipts   []jsonReceipt `json:"receipts,omitempty"`
	Refused    []jsonRefused `json:"refused,omitempty"`
	Messages   []jsonMessage `json:"messages,omitempty"` // with --show
}

func jsonOfProof(r *audit.ProofReport, show bool) *jsonProof {
	if r.Wrong != nil {
		return nil // nothing in it is proved
	}
	j := &jsonProof{
		Party: string(r.Party), First: r.First, Last: r.Last, Checkpoint: r.Size, Root: r.Root.String(), Cosigned: r.Cosigned,
		CosignedAt: uint64(r.CosignedAt), Seen: r.Seen, PeerSize: r.PeerSize, Changes: r.Changes, Others: r.Others, InDoubt: doubtOf(r.CosignedDoubt),
		Receipts: jsonReceipts(r.Receipts), Refused: jsonRefusals(r.Refused),
	}
	if show {
		j.Messages = jsonMessages(r.Believed)
	}
	return j
}
