package main

import (
	"bytes"
)

const (
	renewalDomain = "parley/v1/renewal"
	closingDomain = "parley/v1/closing"
)

// North was restored twice. Its first generation was closed at its first entry, its
// second at its second.
var (
	secondName = seed("log of north, generation 2")[:16]
	thirdName  = seed("log of north, generation 3")[:16]

	renewalFields = fields{
		{1, bstr(line)}, {2, tstr("north")}, {3, bstr(secondName)}, {4, u(noon + 3600000)},
	}
	closingFields = fields{
		{1, bstr(line)}, {2, tstr("north")}, {3, bstr(north.log)}, {4, u(1)}, {5, bstr(leaf1)},
		{6, bstr(secondName)}, {7, u(1)}, {8, u(noon + 3601000)},
	}
	recallFields = fields{{1, bstr(north.log)}, {2, u(1)}}

	renewedTwice = renewalFields.with(3, bstr(thirdName)).with(4, u(noon+7200000))
	closedTwice  = closingFields.with(3, bstr(secondName)).with(4, u(2)).with(5, bstr(treeRoot([][]byte{leaf1, leaf2}))).with(6, bstr(thirdName)).with(8, u(noon+7201000))

	generation2 = generation(renewalFields, closingFields)
	generation3 = generation(renewedTwice, closedTwice)
)

// generation is a statement that north asked for and south gave.
func generation(renewal, closing fields) []byte {
	return pair(sign1(north.logKey, renewalDomain, renewal.encode()), sign1(south.receipt, closingDomain, closing.encode()))
}

func pair(renewal, closing []byte) []byte { return array(bstr(renewal), bstr(closing)) }

func renewalVectors() []vector {
	f := renewalFields
	return more(north.logKey, renewalDomain, f,
		own{"party-desk", "malformed", "a desk is not a party", f.with(2, tstr("north/duty"))},
		own{"log-zero", "malformed", "an id of zeros", f.with(3, bstr(make([]byte, 16)))},
		own{"log-short", "malformed", "the id has 15 bytes", f.with(3, bstr(secondName[1:]))},
		own{"time-too-late", "limit", "after the year 9999", f.with(4, u(253402300800000))},
	)
}

func closingVectors() []vector {
	f := closingFields
	return more(south.receipt, closingDomain, f,
		own{"nothing-held", "accept", "nothing of the log ever came", f.with(4, u(0)).with(5, bstr(treeRoot(nil)))},
		own{"nothing-proved", "accept", "north had cosigned nothing", f.without(7)},
		own{"proved-0", "malformed", "what is nothing is left out", f.with(7, u(0))},
		own{"closes-itself", "malformed", "a generation that follows itself", f.with(6, bstr(north.log))},
		own{"opened-zero", "malformed", "an id of zeros", f.with(6, bstr(make([]byte, 16)))},
		own{"root-short", "malformed", "the root has 31 bytes", f.with(5, bstr(leaf1[1:]))},
		own{"size-too-large", "limit", "more entries than can be", f.with(4, u(1<<62))},
	)
}

func recallVectors() []vector {
	f := recallFields
	v := []vector{
		ok("good", "what lies behind entry 1 of north", f.encode()),
		ok("all", "everything of north", f.with(2, u(0)).encode()),
		ok("of-south", "everything of south", f.with(1, bstr(south.log)).with(2, u(0)).encode()),
		no("log-long", "malformed", "the log has 17 bytes", f.with(1, bstr(make([]byte, 17))).encode()),
		no("log-missing", "malformed", "of no log", f.without(1).encode()),
		no("size-missing", "malformed", "from nowhere", f.without(2).encode()),
		no("size-negative", "malformed", "a size below 0", f.with(2, []byte{0x20}).encode()),
		no("size-too-large", "limit", "more entries than can be", f.with(2, u(1<<62)).encode()),
		no("more", "malformed", "a key that is not known", f.with(3, u(1)).encode()),
	}
	for _, b := range badMaps(f) {
		v = append(v, no("cbor-"+b.name, "malformed", b.why, b.bytes))
	}
	return v
}

// generationVectors are judged as what is said of north's log next, after what
// stands in "before".
func generationVectors() []vector {
	r, c := renewalFields, closingFields
	before := func(b ...[]byte) input { return input{"before", join(b...)} }
	renewal := sign1(north.logKey, renewalDomain, r.encode())
	closing := sign1(south.receipt, closingDomain, c.encode())
	return []vector{
		ok("second", "the log goes on behind entry 1", generation2),
		ok("third", "it was restored again", generation3, before(generation2)),
		ok("at-once", "nothing had come of it", generation(r, c.with(4, u(0)).with(5, bstr(treeRoot(nil))))),
		ok("third-at-once", "restored again before anything was said", generation(renewedTwice, closedTwice.with(4, u(1)).with(5, bstr(leaf1))), before(generation2)),

		no("second-again", "generation", "the second once more", generation2, before(generation2)),
		no("third-first", "generation", "the one before it is not known", generation3),
		no("rival", "generation", "another second one", generation(r.with(3, bstr(thirdName)).with(4, u(noon+7200000)), c.with(6, bstr(thirdName))), before(generation2)),
		no("back", "generation", "it closes below the one before it", generation(renewedTwice, closedTwice.with(4, u(0)).with(5, bstr(treeRoot(nil)))), before(generation2)),
		no("time-same", "generation", "the renewal is not later than the one before it", generation(renewedTwice.with(4, u(noon+3600000)), closedTwice), before(generation2)),
		no("name-of-the-log", "generation", "the name of the first generation", generation(r.with(3, bstr(north.log)), c.with(3, bstr(secondName)).with(6, bstr(north.log)))),
		no("name-of-south", "generation", "the name of the other log", generation(r.with(3, bstr(south.log)), c.with(6, bstr(south.log)))),
		no("other-renewal", "generation", "the closing is for another renewal", generation(r, c.with(6, bstr(thirdName)))),
		no("other-line", "generation", "both are of another line", generation(r.with(1, bstr(zeros)), c.with(1, bstr(zeros)))),
		no("closing-other-line", "generation", "the closing is of another line", generation(r, c.with(1, bstr(zeros)))),
		no("closing-other-party", "generation", "it closes the log of the other party", generation(r, c.with(2, tstr("south")))),
		no("of-south", "generation", "south renews its log, with north's key", generation(r.with(2, tstr("south")), c.with(2, tstr("south")))),

		no("renewal-by-station", "bad signature", "the station key renews nothing", pair(sign1(north.station, renewalDomain, r.encode()), closing)),
		no("renewal-by-south", "bad signature", "south's log key", pair(sign1(south.logKey, renewalDomain, r.encode()), closing)),
		no("renewal-domain", "bad signature", "signed for another purpose", pair(sign1(north.logKey, closingDomain, r.encode()), closing)),
		no("closing-by-north", "bad signature", "north closes its own log", pair(renewal, sign1(north.receipt, closingDomain, c.encode()))),
		no("closing-by-station", "bad signature", "the station key closes nothing", pair(renewal, sign1(south.station, closingDomain, c.encode()))),
		no("closing-domain", "bad signature", "signed for another purpose", pair(renewal, sign1(south.receipt, receiptDomain, c.encode()))),

		no("closing-only", "malformed", "there is no renewal", array(bstr(closing))),
		no("renewal-empty", "malformed", "the renewal has no bytes", pair(nil, closing)),
		no("swapped", "bad signature", "the closing stands first", pair(closing, renewal)),
		no("three", "malformed", "something stands behind the two", array(bstr(renewal), bstr(closing), bstr(nil))),
		no("not-bytes", "malformed", "the two are not in byte strings", array(renewal, closing)),
		no("more", "malformed", "a byte follows", append(bytes.Clone(generation2), 0)),
		no("cut-off", "malformed", "the last byte is missing", generation2[:len(generation2)-1]),
		no("too-long", "limit", "more than 1,024 bytes", pair(sign1(north.logKey, renewalDomain, make([]byte, 1024)), closing)),
		no("nothing", "malformed", "there are no bytes", nil),
	}
}
