package main

import (
	"errors"
	"fmt"

	"parley/audit"
	"parley/lines"
	"parley/proof"
	"parley/receipt"
	"parley/release"
	"parley/transcript"
	"parley/wire"
)

// What is wrong, in sentences for people who know neither the formats nor the
// program. The error of the program itself, which may name hashes, stands in
// --json and on the last line of a file.

// unread says what is wrong with a file as a whole.
func unread(err error) string {
	switch {
	case errors.Is(err, proof.ErrWords):
		return "The words for people in this file are not those of its proof: somebody changed what it says."
	case errors.Is(err, transcript.ErrProof):
		return "The two checkpoints in this file do not contradict each other: it proves no fork."
	case errors.Is(err, transcript.ErrLog):
		return "A checkpoint in this file is of another log, or of another line than this roster's."
	case errors.Is(err, transcript.ErrSignature):
		return "A checkpoint in this file is not signed by the key that the roster names."
	}
	if line := new(lines.Error); errors.As(err, &line) {
		return fmt.Sprintf("Line %d is not as the specification writes it: the file was altered, or it is something else.", line.Line)
	}
	return "This is not a file as the specification writes it: it was cut off or altered, or it is something else."
}

// firstWrong says what the first wrong thing in a file is.
func firstWrong(r *audit.Report) string {
	for i := range r.Logs {
		if l := &r.Logs[i]; r.Wrong.Party == l.Party && r.Wrong.Party != "" {
			where := ""
			if r.Wrong.Line > 0 {
				where = fmt.Sprintf(", line %d of the file", r.Wrong.Line)
			}
			return "In the log of " + string(l.Party) + where + ": " + plainly(r.Wrong, l)
		}
	}
	if errors.Is(r.Wrong, audit.ErrKey) {
		return "The file has no log of the verifier key given: it is of another line, or the key is of another log."
	}
	return "The file is of another line than this roster: one of the two is not what the parties agreed on."
}

// plainly says what is wrong with one thing in a log.
func plainly(w *audit.Wrong, l *audit.Log) string {
	if w.Entry == 0 {
		return signedNotes(w, l)
	}
	if says := place(w, l); says != "" {
		return says
	}
	return content(w, l)
}

// signedNotes says what is wrong with what was signed of a whole log.
func signedNotes(w *audit.Wrong, l *audit.Log) string {
	why := "is not in the form of the specification"
	switch {
	case errors.Is(w, audit.ErrPostQuantum) && errors.Is(w, audit.ErrMissing):
		return fmt.Sprintf("The checkpoint of %s's log that is cosigned by ML-DSA-44 is of more entries than the other one that %s cosigned: the file holds an older cosignature than %s gave.", l.Party, l.Peer, l.Peer)
	case errors.Is(w, audit.ErrPostQuantum):
		return fmt.Sprintf("The checkpoint of %s's log that is cosigned by ML-DSA-44 does not bear all four signatures of the keys that the roster names: it was altered or exchanged, and nothing that it covers is accepted.", l.Party)
	case errors.Is(w, audit.ErrWitnessed) && errors.Is(w, transcript.ErrLog):
		return fmt.Sprintf("A checkpoint that a witness is said to have cosigned is not of %s's log as this file has it: it is of another log, or of a generation that was closed below it.", l.Party)
	case errors.Is(w, audit.ErrWitnessed):
		return fmt.Sprintf("What a witness is said to have cosigned of %s's log was not signed by that witness, or the checkpoint in it not by %s: it was altered or exchanged.", l.Party, l.Party)
	case errors.Is(w, audit.ErrGeneration):
		return fmt.Sprintf("A statement by which the log of %s goes on as another generation does not hold: one is missing, repeated or altered, or somebody else signed it. Nothing of this log is proved.", l.Party)
	case errors.Is(w, audit.ErrClosing):
		return fmt.Sprintf("%s signed that it holds more of %s's log than it said when it closed that generation of it: %s denies what it had receipted.", l.Peer, l.Party, l.Peer)
	case errors.Is(w, audit.ErrAltered):
		return fmt.Sprintf("%s closed %s's log as empty, and says that something stood in it.", l.Peer, l.Party)
	case errors.Is(w, transcript.ErrLog):
		why = "is of another log or line, or of another generation of the log"
	case errors.Is(w, receipt.ErrEnded):
		return fmt.Sprintf("The cosignature on %s's log is by a receipt key of %s that had ended: %s itself says that it had not seen so much when it took another. "+
			"Either somebody else used the old key, or %s takes its receipt back.", l.Party, l.Peer, l.Peer, l.Peer)
	case errors.Is(w, transcript.ErrSignature):
		why = "is not signed by the key that the roster names, or a change brought"
	}
	return fmt.Sprintf("The checkpoint of %s's log, or %s's cosignature on it, %s: it was altered or exchanged.", l.Party, l.Peer, why)
}

// place says what is wrong with the place of an entry, or with what was said of it;
// "" if it is what stands in the entry.
func place(w *audit.Wrong, l *audit.Log) string {
	n, party, peer := named(l, w.Entry), l.Party, l.Peer
	switch {
	case errors.Is(w, audit.ErrAltered) && errors.Is(w, transcript.ErrChain):
		return fmt.Sprintf("Entry %s is not the one that %s's log was written with: it was altered or exchanged.", n, party)
	case errors.Is(w, audit.ErrPostQuantum):
		return fmt.Sprintf("The entries up to %s, together, are not those that %s and %s cosigned by ML-DSA-44: at least one was altered or exchanged.", n, party, peer)
	case errors.Is(w, audit.ErrWitnessed):
		return fmt.Sprintf("The entries up to %s, together, are not those of a checkpoint that %s signed and a witness cosigned: %s signed two histories, or at least one was altered or exchanged.", n, party, party)
	case errors.Is(w, audit.ErrAltered):
		return fmt.Sprintf("The entries up to %s, together, are not those that were signed in a checkpoint of %s, or a receipt or a closing of %s: at least one was altered or exchanged.", n, party, peer)
	case errors.Is(w, transcript.ErrNumber):
		return fmt.Sprintf("In the place of entry %s stands another: entries were left out, moved or repeated.", n)
	case errors.Is(w, transcript.ErrLog):
		return fmt.Sprintf("Entry %s is of another log, or bears the name of another generation of this one.", n)
	case errors.Is(w, audit.ErrSeen) && errors.Is(w, audit.ErrMissing):
		return fmt.Sprintf("Entry %s says that more of %s's log had been seen than stands in this file: that is false, or entries of %s were left out.", n, peer, peer)
	case errors.Is(w, audit.ErrSeen):
		return fmt.Sprintf("Entry %s says of %s's log what cannot be: that less had been seen of it than before, or of some other log.", n, peer)
	case errors.Is(w, audit.ErrMissing) && w.Entry > l.Entries && w.Entry < l.Generations[len(l.Generations)-1].From:
		return fmt.Sprintf("Entry %s is missing from the file: %s closed a generation of the log behind it.", n, peer)
	case errors.Is(w, audit.ErrMissing) && w.Entry > l.Entries:
		return fmt.Sprintf("Entry %s is missing from the file: %s signed that its log has it.", n, party)
	case errors.Is(w, audit.ErrMissing):
		return fmt.Sprintf("No checkpoint that %s signed covers entry %s: nothing says that it belongs there.", party, n)
	case errors.Is(w, receipt.ErrEnded):
		return fmt.Sprintf("The receipt or refusal of entry %s is by a key of %s that had ended before: either somebody else used the old key, or %s takes it back.", n, peer, peer)
	case errors.Is(w, audit.ErrUnsigned):
		return fmt.Sprintf("The receipt or refusal of entry %s is not signed by %s: it was altered, or somebody else made it.", n, peer)
	case errors.Is(w, audit.ErrStatement):
		return fmt.Sprintf("What %s receipted or refused there is not entry %s as it stands here: one of the two was altered or exchanged.", peer, n)
	}
	return ""
}

// content says what is wrong with what stands in an entry. The other party did not
// refuse it either: what it refused is no wrong thing.
func content(w *audit.Wrong, l *audit.Log) string {
	why := ""
	switch release.Reason(w) {
	case wire.ReasonQuorum:
		why = "is not signed by as many officers as the terms ask for"
	case wire.ReasonSignature:
		why = "has a signature that does not fit: its text was altered after it was signed, or somebody else signed it"
	case wire.ReasonOfficer:
		why = fmt.Sprintf("is signed by somebody who is no officer of %s there, or whose own key it would end", l.Party)
	case wire.ReasonDesk:
		why = "is from a desk that those who signed it may not speak for"
	case wire.ReasonAddressee:
		why = fmt.Sprintf("is not addressed to %s", l.Peer)
	case wire.ReasonLine:
		why = "was signed for another line"
	case wire.ReasonChange:
		why = fmt.Sprintf("changes keys of %s in a way that cannot be, as they stand there", l.Party)
	case wire.ReasonReplay:
		why = "repeats a text that was released before"
	case wire.ReasonText:
		why = "holds characters that may not be shown"
	case wire.ReasonVersion:
		why = "is of a version that this program does not know"
	case wire.ReasonLimit:
		why = "is longer or holds more than is allowed"
	default:
		why = "is not in the form of the specification"
	}
	return fmt.Sprintf("Entry %s %s.", named(l, w.Entry), why)
}
