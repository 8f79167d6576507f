package main

import (
	"strings"
	"testing"

	"parley"
	"parley/internal/api"
	"parley/internal/rostertest"
	"parley/transcript"
)

// TestForkInDoubt: a proof by a key that was told as compromised is shown with that.
func TestForkInDoubt(t *testing.T) {
	line := rostertest.New(t)
	var notes [2][]byte
	for i := range notes {
		c, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: line.Roster.Line, Log: line.South.Log, Size: 3, Root: parley.Hash{byte(i)}}, line.South.LogKey)
		if err != nil {
			t.Fatal(err)
		}
		notes[i] = c.Note()
	}
	text, err := transcript.AppendFork(nil, transcript.Fork{A: notes[0], B: notes[1]})
	if err != nil {
		t.Fatal(err)
	}
	for _, doubt := range []string{"", "south says that its log key was compromised"} {
		e := examine(api.Fork{Party: "south", Text: string(text), InDoubt: doubt}, line.Roster)
		if !e.Proved || e.InDoubt != doubt || strings.Contains(e.says, "IN DOUBT: south says that its log key was compromised.") != (doubt != "") {
			t.Errorf("%+v", e)
		}
	}
}
