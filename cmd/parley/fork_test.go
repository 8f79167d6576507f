package main

import (
	"context"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"parley"
	"parley/internal/home"
	"parley/internal/journal"
	"parley/internal/keyring"
	"parley/transcript"
)

// forge puts into the journal of one party what its station keeps after the log key
// of another signed two histories, and after it signed one that it did not send.
func forge(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("forge HOME-OF-THE-FORGER HOME-OF-THE-OTHER")
	}
	forger, err := home.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	lines, err := forger.Lines()
	ts.Check(err)
	r := lines[0].Roster
	side, _ := r.Side(forger.Party())
	keys, err := keyring.UnlockStation(forger.Keys(), keyring.PlainFile())
	ts.Check(err)
	signed := func(size uint64, root parley.Hash) []byte {
		c, err := transcript.SignCheckpoint(transcript.Checkpoint{Line: r.Line, Log: side.Log, Size: size, Root: root}, keys.Log())
		ts.Check(err)
		return c.Note()
	}
	f, err := transcript.ProveFork(signed(3, parley.Hash{1}), signed(3, parley.Hash{2}), nil, r)
	ts.Check(err)
	proof, err := transcript.AppendFork(nil, f)
	ts.Check(err)
	j, err := journal.Open(filepath.Join(ts.MkAbs(args[1]), "journal"), journal.Options{Reserve: -1})
	ts.Check(err)
	ts.Check(j.Commit(context.Background(), func(tx *journal.Tx) error {
		if err := tx.PutFork(r.Line, side.Log, signed(7, parley.Hash{3})); err != nil {
			return err
		}
		return tx.PutFork(r.Line, side.Log, proof)
	}))
	ts.Check(j.Close())
}
