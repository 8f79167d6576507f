package main

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
)

// side is the hash of a party's side of the roster.
func (p party) side() []byte {
	h := sha256.Sum256(join([]byte("parley/v1/side\x00"), []byte(p.identity())))
	return h[:]
}

// with returns the party with officers in the place of those it had, sorted.
func (p party) with(officers ...officer) party {
	p.officers = slices.SortedFunc(slices.Values(officers), func(a, b officer) int { return strings.Compare(a.name, b.name) })
	return p
}

// change is what a change document says between its hashes, and what it makes.
type change struct {
	party         string
	number        int
	before, after []byte
	acts          string
}

// body is the document without its last line.
func (c change) body() string {
	return fmt.Sprintf("parley-change v1\nline %x\nparty %s\nnumber %d\nbefore %x\n%safter %x\n", line, c.party, c.number, c.before, c.acts, c.after)
}

func (c change) text() string { return string(end(c.body())) }

func leave(o officer) string { return fmt.Sprintf("leave %x %s\n", o.key.id, o.name) }

func joins(o officer) string {
	return fmt.Sprintf("join %s %s %s\n", b64(o.key.public), strings.Join(o.desks, ","), o.name)
}

// compromised is the three lines about an officer's key of north.
func compromised(o officer, since int) string {
	return fmt.Sprintf("compromised officer %x %d\ndoubt whether officer %s approved what this key signed in entries %d and later of north\n"+
		"stays everything before entry %d of north; and that every entry a cosigned checkpoint covers stands where it stands\n", o.key.id, since, o.name, since, since)
}

// hopStolen is the three lines about a hop key of north.
func hopStolen(k key, since int) string {
	return fmt.Sprintf("compromised hop %x %d\ndoubt who stood at the far end of channels that this key opened since entry %d of north\n"+
		"stays every message, receipt and secret: none depends on a hop key\n", k.id, since, since)
}

// stolen is the three lines about a log, station, receipt or root key of north.
func stolen(role string, k key, since int) string {
	doubt := map[string]string{
		"log":     "whether north signed the checkpoints that this key signed since entry %d of north, but for those that the other party cosigned",
		"station": "whether north refused what this key refused; and since entry %d of north: who opened epochs and proved channels with it, and who read what was sealed to its prekeys",
		"receipt": "when north received what this key receipted since entry %d of north, and whether it received what no entry of north says it has seen",
		"root":    "whether north made the cards that this key signed since entry %d of north, but for the card of this line",
	}
	stays := map[string]string{
		"log":     "every message and receipt: none is signed by a log key; and that every entry a cosigned checkpoint covers stands where it stands",
		"station": "every message and receipt: none is signed by a station key; and that every entry a cosigned checkpoint covers stands where it stands",
		"receipt": "every message; and that north received what an entry of north says it has seen",
		"root":    "everything on this line: its roster was compared in words, and this key signs nothing on it",
	}
	return fmt.Sprintf("compromised %s %x %d\ndoubt "+doubt[role]+"\nstays %s\n", role, k.id, since, since, stays[role])
}

var (
	northA, northB, northC = north.officers[0], north.officers[1], north.officers[2]
	northD                 = officer{"north d", newKey("officer", "north d"), northC.desks}

	// replacing is the change of the specification's example: north d comes for north c.
	northAfter = north.with(northA, northB, northD)
	replacing  = change{"north", 1, north.side(), northAfter.side(), leave(northC) + joins(northD) + compromised(northC, 2)}

	changeContent = changing("change", replacing.text()).encode()
)

// changing is content of kind change, of north.
func changing(draft, body string) fields {
	return text(draft, body).with(5, u(4)).with(7, u(3))
}

// changeVectors are judged as the change in entry 2 of north, the first of north.
func changeVectors() []vector {
	// makes is a change of north with these acts, which leaves it these officers.
	makes := func(acts string, officers ...officer) change {
		return change{"north", 1, north.side(), north.with(officers...).side(), acts}
	}
	good := replacing
	as := func(alter func(*change)) []byte {
		c := good
		alter(&c)
		return []byte(c.text())
	}
	newHop := newKey("hop", "north hop again")
	hop := func(k key, acts string) change {
		after := north
		after.hop = k
		return change{"north", 1, north.side(), after.side(), acts}
	}
	newStation, newReceipt, newRoot := newKey("station", "north station again"), newKey("receipt", "north receipt again"), newKey("root", "north root again")
	newLog := newKey("log", "north log again")
	// rolls is a change in which a key comes in the place of that of a role.
	rolls := func(role string, k key, acts string) change {
		after := north
		switch role {
		case "log":
			after.logKey = k
		case "station":
			after.station = k
		case "receipt":
			after.receipt = k
		case "root":
			after.root = k
		}
		return change{"north", 1, north.side(), after.side(), "key " + role + " " + b64(k.public) + "\n" + acts}
	}
	every := north
	every.hop, every.logKey, every.receipt, every.root, every.station = newHop, newLog, newReceipt, newRoot, newStation
	everyKey := "key hop " + b64(newHop.public) + "\nkey log " + b64(newLog.public) + "\nkey receipt " + b64(newReceipt.public) + "\nkey root " + b64(newRoot.public) + "\nkey station " + b64(newStation.public) + "\n"
	a2 := officer{"north a", newKey("officer", "north a again"), northA.desks}
	e := officer{"north e", newKey("officer", "north e"), northA.desks}
	text := func(old, new string) []byte { return end(replaced(good.body(), old, new)) }
	doc := func(c change) []byte { return []byte(c.text()) }

	v := []vector{
		ok("good", "north d for north c, whose key is compromised", []byte(good.text())),
		ok("join", "an officer more", doc(makes(joins(northD), northA, northB, northC, northD))),
		ok("leave", "an officer less: north c stays for both desks", doc(makes(leave(northA), northB, northC))),
		ok("new-key", "north a, with a new key", doc(makes(leave(northA)+joins(a2), a2, northB, northC))),
		ok("two-join", "two officers more", doc(makes(joins(northD)+joins(e), northA, northB, northC, northD, e))),

		ok("hop", "another hop key", doc(hop(newHop, "key hop "+b64(newHop.public)+"\n"))),
		ok("hop-compromised", "another hop key, because the first is compromised", doc(hop(newHop, "key hop "+b64(newHop.public)+"\n"+hopStolen(north.hop, 1)))),

		no("hop-of-south", "change", "south's hop key", doc(hop(south.hop, "key hop "+b64(south.hop.public)+"\n"))),
		no("hop-same", "change", "the hop key that there is", doc(hop(north.hop, "key hop "+b64(north.hop.public)+"\n"))),
		no("hop-of-officer", "change", "an officer's key", doc(hop(key{public: northA.key.public}, "key hop "+b64(northA.key.public)+"\n"))),
		no("hop-compromised-in-force", "change", "a compromised hop key that stays in force", doc(hop(north.hop, hopStolen(north.hop, 1)))),
		no("hop-twice", "malformed", "two hop keys", doc(hop(newHop, "key hop "+b64(newHop.public)+"\nkey hop "+b64(newHop.public)+"\n"))),
		no("hop-doubt-of-officer", "malformed", "the words for an officer's key", doc(hop(newHop, "key hop "+b64(newHop.public)+"\n"+strings.Replace(compromised(northA, 1), "compromised officer", "compromised hop", 1)))),

		ok("station", "another station key", doc(rolls("station", newStation, ""))),
		ok("receipt", "another receipt key", doc(rolls("receipt", newReceipt, ""))),
		ok("root", "another root key", doc(rolls("root", newRoot, ""))),
		ok("station-compromised", "another station key, because the first is compromised", doc(rolls("station", newStation, stolen("station", north.station, 2)))),
		ok("receipt-compromised", "another receipt key, because the first is compromised", doc(rolls("receipt", newReceipt, stolen("receipt", north.receipt, 1)))),
		ok("root-compromised", "another root key, because the first is compromised", doc(rolls("root", newRoot, stolen("root", north.root, 1)))),
		ok("key-all", "every key at once", doc(change{"north", 1, north.side(), every.side(), everyKey})),

		ok("log", "another log key", doc(rolls("log", newLog, ""))),
		ok("log-compromised", "another log key, because the first is compromised", doc(rolls("log", newLog, stolen("log", north.logKey, 1)))),
		no("log-same", "change", "the log key that there is", doc(rolls("log", north.logKey, ""))),
		no("log-of-south", "change", "south's log key", doc(rolls("log", south.logKey, ""))),
		no("log-of-receipt", "change", "north's receipt key", doc(rolls("log", north.receipt, ""))),
		no("log-side-other", "change", "the side that it makes has the log key that there was", doc(hop(north.hop, "key log "+b64(newLog.public)+"\n"))),
		no("log-twice", "malformed", "two log keys", doc(rolls("log", newLog, "key log "+b64(newLog.public)+"\n"))),
		no("log-short", "malformed", "31 bytes of a key", doc(hop(north.hop, "key log "+b64(newLog.public[1:])+"\n"))),
		no("log-small-order", "key", "a key of small order", doc(hop(north.hop, "key log "+b64(zeros)+"\n"))),
		no("log-unsorted", "malformed", "log stands before hop", doc(change{"north", 1, north.side(), every.side(), "key log " + b64(newLog.public) + "\nkey hop " + b64(newHop.public) + "\n"})),
		no("log-compromised-in-force", "change", "a compromised log key that stays in force", doc(hop(north.hop, stolen("log", north.logKey, 1)))),
		no("log-compromised-new", "change", "the key that comes is compromised", doc(rolls("log", newLog, stolen("log", newLog, 1)))),
		no("log-compromised-later", "change", "compromised since an entry that is still to come", doc(rolls("log", newLog, stolen("log", north.logKey, 3)))),
		no("log-doubt-of-station", "malformed", "the words for a station key", doc(rolls("log", newLog, strings.Replace(stolen("station", north.logKey, 1), "compromised station", "compromised log", 1)))),
		no("key-officer", "malformed", "an officer joins", doc(hop(north.hop, "key officer "+b64(newHop.public)+"\n"))),
		no("key-unsorted", "malformed", "station stands before hop", doc(change{"north", 1, north.side(), every.side(), "key station " + b64(newStation.public) + "\nkey hop " + b64(newHop.public) + "\n"})),
		no("key-short", "malformed", "31 bytes of a key", doc(hop(north.hop, "key station "+b64(newStation.public[1:])+"\n"))),
		no("key-small-order", "key", "a key of small order", doc(hop(north.hop, "key station "+b64(zeros)+"\n"))),
		no("station-same", "change", "the station key that there is", doc(rolls("station", north.station, ""))),
		no("station-of-receipt", "change", "north's receipt key", doc(rolls("station", north.receipt, ""))),
		no("station-of-south", "change", "south's station key", doc(rolls("station", south.station, ""))),
		no("receipt-of-root", "change", "north's root key", doc(rolls("receipt", north.root, ""))),
		no("receipt-twice-one-key", "change", "one key in two roles", doc(func() change {
			after := north
			after.receipt, after.station = newReceipt, newReceipt
			return change{"north", 1, north.side(), after.side(), "key receipt " + b64(newReceipt.public) + "\nkey station " + b64(newReceipt.public) + "\n"}
		}())),
		no("station-into-receipt", "change", "the side that it makes has the new key in another role", doc(func() change {
			c := rolls("receipt", newStation, "")
			c.acts = "key station " + b64(newStation.public) + "\n"
			return c
		}())),
		no("station-compromised-in-force", "change", "a compromised station key that stays in force", doc(hop(north.hop, stolen("station", north.station, 1)))),
		no("station-compromised-role", "change", "the receipt key is compromised, and the station key ends", doc(rolls("station", newStation, stolen("receipt", north.receipt, 1)))),
		no("station-compromised-new", "change", "the key that comes is compromised", doc(rolls("station", newStation, stolen("station", newStation, 1)))),
		no("station-doubt-of-hop", "malformed", "the words for a hop key", doc(rolls("station", newStation, strings.Replace(hopStolen(north.station, 1), "compromised hop", "compromised station", 1)))),
		no("receipt-doubt-of-station", "malformed", "the words for a station key", doc(rolls("receipt", newReceipt, strings.Replace(stolen("station", north.receipt, 1), "compromised station", "compromised receipt", 1)))),

		no("line-other", "change", "of another line", text(fmt.Sprintf("line %x", line), fmt.Sprintf("line %x", zeros))),
		no("party-other", "change", "north changes south's side", as(func(c *change) { c.party = "south"; c.acts = strings.ReplaceAll(c.acts, "north", "south") })),
		no("number-2", "change", "it is north's first change", as(func(c *change) { c.number = 2 })),
		no("before-other", "change", "made for another side than the one in force", as(func(c *change) { c.before = northAfter.side() })),
		no("after-other", "change", "it makes another side than it says", as(func(c *change) { c.after = north.side() })),
		no("leave-unknown", "change", "somebody leaves who is no officer", doc(makes(leave(e)+joins(northD), northA, northB, northC, northD))),
		no("leave-name-other", "change", "the key is another officer's", doc(makes(leave(officer{"north b", northA.key, nil}), northB, northC))),
		no("join-again", "change", "a key that is in use", doc(makes(joins(officer{"north f", northA.key, northA.desks}), northA, northB, northC, officer{"north f", northA.key, northA.desks}))),
		no("join-same-key", "change", "north a leaves and joins with the same key", doc(makes(leave(northA)+joins(northA), northA, northB, northC))),
		no("join-key-of-south", "change", "an officer's key of south", doc(makes(joins(officer{"north f", south.officers[0].key, northA.desks}), northA, northB, northC, officer{"north f", south.officers[0].key, northA.desks}))),
		no("join-station-key", "change", "north's station key", doc(makes(joins(officer{"north f", north.station, northA.desks}), northA, northB, northC, officer{"north f", north.station, northA.desks}))),
		no("join-name-taken", "change", "two officers of one name", doc(makes(joins(a2), northA, a2, northB, northC))),
		no("join-desk-unknown", "change", "a desk that north does not have", doc(makes(joins(officer{"north f", e.key, []string{"north/press"}}), northA, northB, northC, officer{"north f", e.key, []string{"north/press"}}))),
		no("desk-empty", "change", "north/chief would have no officer", doc(makes(leave(northC), northA, northB))),
		no("quorum-out-of-reach", "change", "one officer would be left, and Flash needs two", doc(makes(leave(northA)+leave(northB), northC))),
		no("compromised-in-force", "change", "a compromised key that stays in force", doc(makes(joins(northD)+compromised(northC, 2), northA, northB, northC, northD))),
		no("compromised-later", "change", "compromised since an entry that is still to come", doc(makes(leave(northC)+joins(northD)+compromised(northC, 3), northA, northB, northD))),
		no("compromised-stranger", "change", "a key that never was an officer's", doc(makes(leave(northC)+joins(northD)+compromised(e, 2), northA, northB, northD))),

		no("acts-none", "malformed", "nothing changes", as(func(c *change) { c.acts = "" })),
		no("acts-unsorted", "malformed", "join stands before leave", as(func(c *change) { c.acts = joins(northD) + leave(northC) })),
		no("join-unsorted", "malformed", "e stands before d", doc(makes(joins(e)+joins(northD), northA, northB, northC, northD, e))),
		no("join-desk-of-south", "malformed", "a desk of another party", doc(makes(joins(officer{"north f", e.key, []string{"south/duty"}}), northA))),
		no("join-key-short", "malformed", "31 bytes of a key", text(b64(northD.key.public), b64(northD.key.public[1:]))),
		no("join-small-order", "key", "a key of small order", text(b64(northD.key.public), b64(zeros))),
		no("leave-upper-case", "malformed", "the key id is in upper case", text(fmt.Sprintf("leave %x", northC.key.id), fmt.Sprintf("leave %X", northC.key.id))),
		no("number-0", "malformed", "numbers begin at 1", as(func(c *change) { c.number = 0 })),
		no("number-1025", "malformed", "more changes than a line may have", as(func(c *change) { c.number = 1025 })),
		no("number-leading-zero", "malformed", "a leading zero", text("number 1\n", "number 01\n")),
		no("since-0", "malformed", "entries begin at 1", as(func(c *change) { c.acts = leave(northC) + joins(northD) + compromised(northC, 0) })),
		no("doubt-missing", "malformed", "a notice that does not say what is in doubt", as(func(c *change) {
			c.acts = c.acts[:strings.Index(c.acts, "doubt ")] + c.acts[strings.Index(c.acts, "stays "):]
		})),
		no("doubt-other", "malformed", "a notice in other words", text("whether officer", "if officer")),
		no("stays-other", "malformed", "it promises more than is so", text("stays everything before entry 2", "stays everything before entry 3")),
		no("role-log", "malformed", "the words for an officer's key", text("compromised officer", "compromised log")),
		no("leave-seventeen", "malformed", "seventeen leave", as(func(c *change) {
			c.acts = ""
			for i := range 17 {
				c.acts += leave(officer{fmt.Sprintf("north %c", 'a'+i), northA.key, nil})
			}
		})),
	}
	return append(v, badLines(good.body())...)
}

// changedVectors are judged by south, as what north released in its entry 2.
func changedVectors() []vector {
	a, b, c, d := northA.key, northB.key, northC.key, northD.key
	t := changing("change", replacing.text())
	one := t.encode()
	return []vector{
		ok("good", "two officers who stay", sign(one, a, b)),
		ok("flash", "as many at Flash", sign(t.with(5, u(1)).encode(), a, b)),

		no("one-officer", "quorum", "a change needs the largest quorum of the terms, whatever its precedence", sign(one, a)),
		no("three-officers", "quorum", "exactly the quorum", sign(one, a, b, c)),
		no("by-who-leaves", "officer", "north c signs what ends its own key", sign(one, a, c)),
		no("by-who-joins", "officer", "north d is no officer yet", sign(one, a, d)),
		no("by-south", "officer", "an officer of the other party", sign(one, a, south.officer('b'))),
		no("signature-changed", "bad signature", "signed for another change", func() []byte {
			other := changing("other", replacing.text()).encode()
			return assemble(one, sorted(approve(a, other), approve(b, one))...)
		}()),
		no("desk-other", "desk", "north a may not release for north/chief", sign(t.with(3, tstr("north/chief")).encode(), a, b)),
		no("of-south", "change", "about the other party's side", sign(t.with(11, tstr(change{"south", 1, south.side(), south.with(south.officers[0], south.officers[2]).side(), leave(south.officers[1])}.text())).encode(), a, b)),
		no("second", "change", "north's second change, and there was no first", sign(t.with(11, tstr(strings.Replace(replacing.text(), "number 1", "number 2", 1))).encode(), a, b)),
		no("text", "malformed", "a body that is no change document", sign(t.with(11, tstr("north d is our officer now.")).encode(), a, b)),
		no("exercise", "malformed", "a change is real", sign(t.with(6, u(2)).encode(), a, b)),
		no("expires", "malformed", "a change that ends by a clock", sign(t.with(9, u(noon)).encode(), a, b)),
		no("refers", "malformed", "a change refers to nothing", sign(t.with(8, array(array(bstr(north.log), u(1)))).encode(), a, b)),
		no("no-body", "malformed", "a change without its document", sign(t.without(11).encode(), a, b)),
		no("answer", "malformed", "a change answers nothing", sign(t.with(12, fields{{1, u(1)}}.encode()).encode(), a, b)),
	}
}

// sorted is signatures by key id, as they stand in a COSE_Sign.
func sorted(sigs ...signature) []signature {
	slices.SortFunc(sigs, func(a, b signature) int { return strings.Compare(string(a.id), string(b.id)) })
	return sigs
}
