package main

// rekeyedVectors are transcripts in which north's log key became another, audited as
// the others are: its entry 2 is the change, and the log was closed behind it.
func rekeyedVectors() []vector {
	newLog := newKey("log", "north log again")
	lastLog := newKey("log", "north log once more")
	// rolls is the change of north that brings these keys, each in the place of the one
	// before it.
	rolls := func(draft string, from party, number int, k key, acts string) []byte {
		after := from
		after.logKey = k
		return changing(draft, change{"north", number, from.side(), after.side(), "key log " + b64(k.public) + "\n" + acts}.text()).encode()
	}
	by := func(p party, k key) party {
		p.logKey = k
		return p
	}
	first := rolls("roll", north, 1, newLog, "")
	released := func(content []byte) []byte { return sign(content, northA.key, northB.key) }
	change2 := entryFields(north.log, 2, leaf1, released(first)).encode()
	sealed := func(name []byte, n uint64, previous []byte) []byte {
		return entryFields(name, n, previous, sign(second, north.officer('b'))).with(5, array(array(bstr(south.log), u(1)))).encode()
	}
	roots := func(entries ...[]byte) []byte {
		var leaves [][]byte
		for _, e := range entries {
			leaves = append(leaves, leafHash(e))
		}
		return treeRoot(leaves)
	}
	// closedAt is the statement by which north's log was closed behind these entries.
	closedAt := func(k key, entries ...[]byte) []byte {
		c := closingFields.with(4, u(uint64(len(entries)))).with(5, bstr(roots(entries...)))
		return pair(sign1(k, renewalDomain, renewalFields.encode()), sign1(south.receipt, closingDomain, c.encode()))
	}
	behind := sealed(secondName, 3, leafHash(change2))
	north2 := by(north.under(secondName), newLog)
	cosigned := func(p party, size uint64, root []byte) []byte {
		text := checkpointText(p.log, size, root)
		return append(checkpoint(p, size, root), cosignature(south.receipt, receiptName("south"), text, noon/1000+9)...)
	}
	// file is the transcript with this log of north; signer signed its checkpoint.
	file := func(signer party, generations [][]byte, entries ...[]byte) record {
		size := uint64(len(entries))
		return record{
			line: line, exporter: "north",
			north: recordLog{
				party: "north", id: north.log, generations: generations, entries: entries,
				checkpoint: checkpoint(signer, size, roots(entries...)), cosigned: cosigned(signer, size, roots(entries...)),
			},
			south: recordLog{party: "south", id: south.log, entries: [][]byte{southEntry1}, checkpoint: checkpoint(south, 1, leafHash(southEntry1))},
		}
	}
	whole := func(r record) []byte { return counted(r.text()) }
	list := func(b ...[]byte) [][]byte { return b }
	good := file(north2, list(closedAt(newLog, entry1, change2)), entry1, change2, behind)
	as := func(alter func(*recordLog)) []byte {
		r := good
		alter(&r.north)
		return whole(r)
	}

	stolenChange := entryFields(north.log, 2, leaf1, released(rolls("stolen", north, 1, newLog, stolen("log", north.logKey, 1)))).encode()
	again := entryFields(north.log, 3, leafHash(change2), released(rolls("again", by(north, newLog), 2, lastLog, ""))).encode()
	inSecond := entryFields(secondName, 2, leaf1, released(first)).encode()
	weak := entryFields(north.log, 2, leaf1, sign(first, northA.key)).encode()
	afterTwo := sealed(secondName, 4, leafHash(again))
	third := func(k key) []byte {
		c := closedTwice.with(4, u(3)).with(5, bstr(roots(entry1, change2, behind)))
		return pair(sign1(k, renewalDomain, renewedTwice.encode()), sign1(south.receipt, closingDomain, c.encode()))
	}
	southRolls := func() []byte {
		after := by(south, newLog)
		body := change{"south", 1, south.side(), after.side(), "key log " + b64(newLog.public) + "\n"}.text()
		content := changing("south rolls", body).with(3, tstr("south/duty")).with(4, array(tstr("north/duty"))).encode()
		return entryFields(south.log, 1, zeros, sign(content, south.officer('a'), south.officer('b'))).encode()
	}()

	return []vector{
		ok("good", "another log key signs the generation behind the change", whole(good)),
		ok("stolen", "the first was stolen, too", whole(file(north2, list(closedAt(newLog, entry1, stolenChange)), entry1, stolenChange, sealed(secondName, 3, leafHash(stolenChange))))),
		ok("announced", "the log was not renewed yet: the first key signs", whole(file(north, nil, entry1, change2))),
		ok("behind-the-close", "the change stands behind the close, and counts at the next one", whole(file(north.under(secondName), list(closedAt(north.logKey, entry1)), entry1, inSecond))),
		ok("second-of-two", "two changes before the close: the later counts", whole(file(by(north.under(secondName), lastLog), list(closedAt(lastLog, entry1, change2, again)), entry1, change2, again, afterTwo))),
		ok("third", "the log was renewed again, by the key that it has", whole(file(north2, list(closedAt(newLog, entry1, change2), third(newLog)), entry1, change2, behind))),

		no("renewed-by-first", "bad signature", "the renewal is by the key that was ended", as(func(l *recordLog) { l.generations = list(closedAt(north.logKey, entry1, change2)) })),
		no("renewed-by-station", "bad signature", "the renewal is by the station key", as(func(l *recordLog) { l.generations = list(closedAt(north.station, entry1, change2)) })),
		no("renewed-by-other", "bad signature", "the renewal is by a key that no change brought", as(func(l *recordLog) { l.generations = list(closedAt(lastLog, entry1, change2)) })),
		no("closed-before", "bad signature", "the new key renews a log that is closed before the change", whole(file(north2, list(closedAt(newLog, entry1)), entry1, inSecond))),
		no("not-announced", "bad signature", "there is no change", whole(file(north2, list(closedAt(newLog, entry1)), entry1, sealed(secondName, 2, leaf1)))),
		no("not-believed", "bad signature", "one officer made the change", whole(file(north2, list(closedAt(newLog, entry1, weak)), entry1, weak, sealed(secondName, 3, leafHash(weak))))),
		no("first-of-two", "bad signature", "two changes before the close, and the earlier key renews", whole(file(north2, list(closedAt(newLog, entry1, change2, again)), entry1, change2, again, afterTwo))),
		no("of-south", "bad signature", "the change stands in south's log", whole(func() record {
			r := file(north2, list(closedAt(newLog, entry1)), entry1, sealed(secondName, 2, leaf1))
			r.south.entries, r.south.checkpoint = list(southRolls), checkpoint(south, 1, leafHash(southRolls))
			return r
		}())),
		no("checkpoint-by-first", "bad signature", "the key that was ended signs behind the close", as(func(l *recordLog) {
			l.checkpoint, l.cosigned = checkpoint(north.under(secondName), 3, roots(entry1, change2, behind)), nil
		})),
		no("cosigned-by-first", "bad signature", "what south cosigned is by the key that was ended", as(func(l *recordLog) {
			l.cosigned = cosigned(north.under(secondName), 3, roots(entry1, change2, behind))
		})),
		no("announced-by-second", "bad signature", "the new key signs before it has a generation", whole(file(by(north, newLog), nil, entry1, change2))),
		no("closed-by-second", "bad signature", "the new key signs up to the close", whole(file(by(north, newLog), list(closedAt(newLog, entry1, change2)), entry1, change2))),
		no("cosigned-before-by-second", "bad signature", "the same, in what south cosigned before", as(func(l *recordLog) {
			l.cosigned = cosigned(by(north, newLog), 2, roots(entry1, change2))
		})),
		no("old-name", "log", "the new key signs under the name that was closed", as(func(l *recordLog) {
			l.checkpoint, l.cosigned = checkpoint(by(north, newLog), 3, roots(entry1, change2, behind)), nil
		})),
		no("third-by-first", "bad signature", "the log was renewed again by the key that was ended", whole(file(north2, list(closedAt(newLog, entry1, change2), third(north.logKey)), entry1, change2, behind))),
	}
}
