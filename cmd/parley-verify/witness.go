package main

import (
	"fmt"
	"io"

	"parley/audit"
	"parley/transcript"
)

// printWitnesses says what neutral witnesses saw of a log: of each one the most, and how
// long before that it saw less. The rest stands in --json.
func printWitnesses(w io.Writer, l *audit.Log) {
	for i, s := range sightings(l) {
		if i == printed {
			fmt.Fprintf(w, "    not proved: what other witnesses are said to have cosigned.\n")
			break
		}
		most, first := s[len(s)-1], s[0]
		if !most.Known {
			fmt.Fprintf(w, "    not proved: that witness %s cosigned %s, as the file says: its key was not given (--witness).\n", most.Name, span(l, 1, most.Size))
			continue
		}
		fmt.Fprintf(w, "    proved: witness %s, who need not have seen a message, saw that the log of %s had %s, with root %s, and contradicts nothing that it saw of it before (%s by %s's clock).\n",
			most.Name, l.Party, span(l, 1, most.Size), most.Root, moment(most.At), most.Name)
		if len(s) > 1 {
			fmt.Fprintf(w, "            It saw the log at %s before, first with %s (%s).\n", count(uint64(len(s)-1), "smaller size", "smaller sizes"), span(l, 1, first.Size), moment(first.At))
		}
	}
}

// sightings are the cosignatures of a log by the key of the witness, in the order in
// which these keys come first, the known ones before all others.
func sightings(l *audit.Log) (out [][]audit.Witnessed) {
	type key struct {
		name string
		id   uint32
	}
	for _, known := range []bool{true, false} {
		at := map[key]int{}
		for _, s := range l.Witnessed {
			if s.Known != known {
				continue
			}
			k := key{s.Name, s.ID}
			i, ok := at[k]
			if !ok {
				i, at[k] = len(out), len(out)
				out = append(out, nil)
			}
			out[i] = append(out[i], s)
		}
	}
	return out
}

// printUnseen names the witnesses given of whom the file holds nothing good.
func printUnseen(w io.Writer, report *audit.Report, keys []transcript.WitnessKey) {
	for _, k := range keys {
		if !saw(report, k) {
			fmt.Fprintf(w, "\n  Not proved: that witness %s saw anything of this: the file holds no good cosignature by the key given.\n", k.Name())
		}
	}
}

// saw reports whether a witness cosigned something that the report proves.
func saw(report *audit.Report, k transcript.WitnessKey) bool {
	for i := range report.Logs {
		for _, s := range report.Logs[i].Witnessed {
			if s.Known && k.Made(transcript.Cosignature{Name: s.Name, ID: s.ID}) {
				return true
			}
		}
	}
	return false
}

// jsonWitnessed is the cosignature of a witness on a checkpoint of a log.
type jsonWitnessed struct {
	Size   uint64 `json:"size"` // entries 1 to this
	Root   string `json:"root"`
	Name   string `json:"witness"`
	ID     string `json:"key_id"`
	At     uint64 `json:"at_claimed"`
	Proved bool   `json:"proved"` // its key was given, and it is good
}

func jsonWitnesses(list []audit.Witnessed) (out []jsonWitnessed) {
	for _, s := range list {
		out = append(out, jsonWitnessed{s.Size, s.Root.String(), s.Name, fmt.Sprintf("%08x", s.ID), uint64(s.At), s.Known})
	}
	return out
}
