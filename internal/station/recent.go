package station

// recentBytes bounds our own entries that are kept in memory, so that what is
// sent at once need not be read back.
const recentBytes = 4 << 20

// recent holds our newest entries.
type recent struct {
	entries map[uint64][]byte
	order   []uint64
	bytes   int
}

func (r *recent) put(n uint64, entry []byte) {
	if r.entries == nil {
		r.entries = map[uint64][]byte{}
	}
	r.entries[n] = entry
	r.order = append(r.order, n)
	r.bytes += len(entry)
	for r.bytes > recentBytes {
		oldest := r.order[0]
		r.order = r.order[1:]
		r.bytes -= len(r.entries[oldest])
		delete(r.entries, oldest)
	}
}

func (r *recent) get(n uint64) []byte { return r.entries[n] }
