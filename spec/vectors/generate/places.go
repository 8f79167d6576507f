package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// The keys that come in the place of south's station and receipt keys, by the
// change in its entry 5, which says it has seen 3 entries of north.
var (
	southStation = newKey("station", "south station again")
	southReceipt = newKey("receipt", "south receipt again")

	southRolls = func() change {
		after := south
		after.station, after.receipt = southStation, southReceipt
		return change{"south", 1, south.side(), after.side(), fmt.Sprintf("key receipt %s\nkey station %s\n", b64(southReceipt.public), b64(southStation.public))}
	}()
)

const (
	rollEntry = 5
	rollSeen  = 3
)

// placeVectors are what south says of north's log, judged when north has
// applied that change. Each is of one of the formats cosigned, receipt, refusal.
func placeVectors() []vector {
	number := func(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
	besides := func(what string, seen uint64) []input {
		return []input{
			{"change", []byte(southRolls.text())}, {"number", number(rollEntry)}, {"seen", number(rollSeen)},
			{"what", []byte(what)}, {"entry seen", number(seen)},
		}
	}
	at := noon/1000 + 3
	cosigned := func(name, expect, why string, size uint64, k key) vector {
		text := checkpointText(north.log, size, leaf1)
		note := append(bytes.Clone(checkpoint(north, size, leaf1)), cosignature(k, receiptName("south"), text, at)...)
		return no("cosigned-"+name, expect, why, note, besides("cosigned", 0)...)
	}
	// receipt is of entry n, which has seen so much of south, when held were held.
	receipt := func(name, expect, why string, n, held, seen uint64, k key) vector {
		f := receiptFields.with(2, u(n)).with(5, u(held))
		return no("receipt-"+name, expect, why, sign1(k, receiptDomain, f.encode()), besides("receipt", seen)...)
	}
	refusal := func(name, expect, why string, n, seen uint64, k key) vector {
		return no("refusal-"+name, expect, why, sign1(k, refusalDomain, refusalFields.with(2, u(n)).encode()), besides("refusal", seen)...)
	}
	stranger := newKey("receipt", "stranger")
	strangers := newKey("station", "stranger station")
	return []vector{
		cosigned("old", "accept", "the ended key, up to what the change has seen", 3, south.receipt),
		cosigned("old-less", "accept", "the ended key, for less than that", 1, south.receipt),
		cosigned("new", "accept", "the key in force", 4, southReceipt),
		cosigned("new-less", "accept", "the key in force, for what the ended one could have said", 3, southReceipt),
		cosigned("old-beyond", "ended key", "the ended key, for one entry more than the change has seen", 4, south.receipt),
		cosigned("old-far", "ended key", "the ended key, for the largest log", 1<<40, south.receipt),
		cosigned("stranger", "bad signature", "a key that is not known", 3, stranger),
		cosigned("new-station", "bad signature", "the station key in force", 4, southStation),
		cosigned("old-station", "bad signature", "the station key that was ended", 3, south.station),
		cosigned("of-north", "bad signature", "north's receipt key", 3, north.receipt),

		receipt("old", "accept", "the ended key, of an entry that the change has seen", 3, 3, 4, south.receipt),
		receipt("old-seen", "accept", "the change has seen the entry, which says it has seen the change: then it is the entry that lies", 3, 3, 9, south.receipt),
		receipt("old-ahead", "accept", "ahead of a gap, of an entry that was written without the change", 9, 3, 4, south.receipt),
		receipt("old-ahead-nothing", "accept", "ahead of a gap, of an entry that has seen nothing", 9, 0, 0, south.receipt),
		receipt("new", "accept", "the key in force", 4, 4, 5, southReceipt),
		receipt("new-less", "accept", "the key in force, for what the ended one could have said", 1, 1, 0, southReceipt),
		receipt("old-held", "ended key", "more was held than the change has seen", 3, 4, 4, south.receipt),
		receipt("old-answer", "ended key", "of an entry that was written with the change", 4, 3, 5, south.receipt),
		receipt("old-later", "ended key", "of an entry that was written after the change", 4, 3, 6, south.receipt),
		receipt("stranger", "bad signature", "a key that is not known", 3, 3, 4, stranger),
		receipt("station", "bad signature", "the station key in force", 4, 4, 5, southStation),

		refusal("old", "accept", "the ended key, of an entry that the change has seen", 3, 4, south.station),
		refusal("old-seen", "accept", "the change has seen the entry, which says it has seen the change", 3, 5, south.station),
		refusal("old-ahead", "accept", "ahead of a gap, of an entry that was written without the change", 9, 4, south.station),
		refusal("new", "accept", "the key in force", 4, 5, southStation),
		refusal("old-answer", "ended key", "of an entry that was written with the change", 4, 5, south.station),
		refusal("old-later", "ended key", "of an entry that was written after the change", 9, 1<<40, south.station),
		refusal("stranger", "bad signature", "a key that is not known", 3, 4, strangers),
		refusal("receipt-key", "bad signature", "the receipt key in force", 4, 5, southReceipt),
	}
}
