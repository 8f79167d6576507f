package audit

import (
	"parley"
	"parley/release"
	"parley/roster"
	"parley/transcript"
	"parley/wire"
)

// changes returns whose keys were valid when, as the changes in both logs say. It
// looks at nothing else in them: whether the logs hold is found later, and where
// one does not, what stands behind that is told as nothing.
func changes(f *transcript.Reader, r *roster.Roster) (*roster.History, error) {
	h := roster.NewHistory(r)
	for i := range f.Logs {
		from, to := r.Sides[i].Party, r.Sides[1-i].Party
		var room []byte
		var decoder transcript.Decoder
		for entries := f.Changes(i); ; {
			batch, err := entries.Next(room)
			if err != nil {
				return h, err
			}
			if batch.Count == 0 {
				break
			}
			room = batch.Room()
			all, err := decoder.Statements(batch)
			if err != nil {
				return h, err
			}
			for _, e := range all {
				if after := changed(h, e, from, to); after != nil {
					h = after
				}
			}
		}
	}
	return h, nil
}

// changed returns the history behind an entry that is a change which is believed,
// and nil for any other.
func changed(h *roster.History, s transcript.Statement, from, to parley.Party) *roster.History {
	e, err := wire.ViewEntry(s.Bytes)
	if err != nil || e.Number != s.Number {
		return nil
	}
	signed, err := wire.ViewSigned(e.Signed)
	if err != nil {
		return nil
	}
	if c, err := wire.ParseContent(signed.Content); err != nil || c.Kind != parley.Change {
		return nil
	}
	released, err := release.Verify(e.Signed, h, from, to, h.Place(from, e.Header))
	if err != nil {
		return nil
	}
	return released.After()
}
