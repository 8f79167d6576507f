package journal

import "parley"

// Read runs fn on one state of the journal: nothing that is committed meanwhile
// is seen. The log of the database cannot be shortened until fn returns, so fn
// is quick. The other readings of a Journal are Reads of one verb each.
func (j *Journal) Read(fn func(*View) error) error { return j.readers.snapshot(fn) }

// read is Read with a result.
func read[T any](j *Journal, fn func(*View) (T, error)) (out T, err error) {
	err = j.readers.snapshot(func(v *View) (err error) {
		out, err = fn(v)
		return err
	})
	return out, err
}

// Log is [View.Log].
func (j *Journal) Log(id parley.LogID) (Log, error) {
	return read(j, func(v *View) (Log, error) { return v.Log(id) })
}

// Logs is [View.Logs].
func (j *Journal) Logs(line parley.LineID) ([]Log, error) {
	return read(j, func(v *View) ([]Log, error) { return v.Logs(line) })
}

// DraftUsed is [View.DraftUsed].
func (j *Journal) DraftUsed(line parley.LineID, party parley.Party, draft parley.DraftID) (bool, error) {
	return read(j, func(v *View) (bool, error) { return v.DraftUsed(line, party, draft) })
}

// Record is [View.Record].
func (j *Journal) Record(log parley.LogID, n uint64) (Record, error) {
	return read(j, func(v *View) (Record, error) { return v.Record(log, n) })
}

// Entries is [View.Entries], except that each page of 64 is a state of its own
// and fn runs outside of them: it may take its time, and may commit.
func (j *Journal) Entries(log parley.LogID, from uint64, limit int, fn func(Record) error) error {
	return pages(from, limit, fn, func(from uint64, rows int) ([]Record, error) {
		return read(j, func(v *View) ([]Record, error) { return v.entries(log, from, rows) })
	})
}

// Aheads is [View.Aheads], read as Entries is.
func (j *Journal) Aheads(log parley.LogID, size uint64, fn func(Record) error) error {
	return j.Entries(log, size+1, 0, fn)
}

// Changes is [View.Changes], read as Entries is.
func (j *Journal) Changes(log parley.LogID, size uint64, fn func(Record) error) error {
	return pages(1, 0, fn, func(from uint64, rows int) ([]Record, error) {
		return read(j, func(v *View) ([]Record, error) { return v.changes(log, from, size, rows) })
	})
}

// Pending is [View.Pending].
func (j *Journal) Pending(log parley.LogID, p parley.Precedence, after, above uint64, limit int) ([]Pending, error) {
	return read(j, func(v *View) ([]Pending, error) { return v.Pending(log, p, after, above, limit) })
}

// List is [View.List].
func (j *Journal) List(f Filter) ([]Record, error) {
	return read(j, func(v *View) ([]Record, error) { return v.List(f) })
}

// Single is [View.Single].
func (j *Journal) Single(log parley.LogID, n uint64) ([]byte, error) {
	return read(j, func(v *View) ([]byte, error) { return v.Single(log, n) })
}

// Refusal is [View.Refusal].
func (j *Journal) Refusal(log parley.LogID, n uint64) (Refusal, error) {
	return read(j, func(v *View) (Refusal, error) { return v.Refusal(log, n) })
}

// Refusals is [View.Refusals].
func (j *Journal) Refusals(log parley.LogID, after uint64, limit int) ([]Refusal, error) {
	return read(j, func(v *View) ([]Refusal, error) { return v.Refusals(log, after, limit) })
}

// RefusalCount is [View.RefusalCount].
func (j *Journal) RefusalCount(log parley.LogID) (uint64, error) {
	return read(j, func(v *View) (uint64, error) { return v.RefusalCount(log) })
}

// Draft is [View.Draft].
func (j *Journal) Draft(id parley.DraftID) (Draft, error) {
	return read(j, func(v *View) (Draft, error) { return v.Draft(id) })
}

// Drafts is [View.Drafts].
func (j *Journal) Drafts(line parley.LineID) ([]Draft, error) {
	return read(j, func(v *View) ([]Draft, error) { return v.Drafts(line) })
}

// Fates is [View.Fates].
func (j *Journal) Fates(log parley.LogID, n uint64) ([]Fate, error) {
	return read(j, func(v *View) ([]Fate, error) { return v.Fates(log, n) })
}

// RefusedFrames is [View.RefusedFrames].
func (j *Journal) RefusedFrames(line parley.LineID) ([]FrameCount, error) {
	return read(j, func(v *View) ([]FrameCount, error) { return v.RefusedFrames(line) })
}

// Forks is [View.Forks].
func (j *Journal) Forks(line parley.LineID) ([]Fork, error) {
	return read(j, func(v *View) ([]Fork, error) { return v.Forks(line) })
}

// Strays is [View.Strays].
func (j *Journal) Strays(line parley.LineID, party parley.Party, limit int) ([]Stray, error) {
	return read(j, func(v *View) ([]Stray, error) { return v.Strays(line, party, limit) })
}

// Stray is [View.Stray].
func (j *Journal) Stray(line parley.LineID, party parley.Party, draft parley.DraftID) (Stray, error) {
	return read(j, func(v *View) (Stray, error) { return v.Stray(line, party, draft) })
}

// Generations is [View.Generations].
func (j *Journal) Generations(line parley.LineID) ([]Generation, error) {
	return read(j, func(v *View) ([]Generation, error) { return v.Generations(line) })
}

// Meta is [View.Meta].
func (j *Journal) Meta(key string) ([]byte, error) {
	return read(j, func(v *View) ([]byte, error) { return v.Meta(key) })
}

// Counts is [View.Counts].
func (j *Journal) Counts(line parley.LineID) (Counts, error) {
	return read(j, func(v *View) (Counts, error) { return v.Counts(line) })
}

// Starts is [View.Starts].
func (j *Journal) Starts() (counter, generation uint64, err error) {
	err = j.Read(func(v *View) (err error) {
		counter, generation, err = v.Starts()
		return err
	})
	return counter, generation, err
}

// Witnessed is [View.Witnessed].
func (j *Journal) Witnessed(line parley.LineID) ([]Witnessed, error) {
	return read(j, func(v *View) ([]Witnessed, error) { return v.Witnessed(line) })
}
