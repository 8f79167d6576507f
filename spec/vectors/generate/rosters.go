package main

import (
	"bytes"
	"fmt"
	"strings"
)

func inviteVectors() []vector {
	card := string(north.card())
	body := "parley-invite v1\nto south\n" + terms + card
	with := func(old, new string) []byte {
		return end("parley-invite v1\nto south\n" + replaced(terms, old, new) + card)
	}
	v := []vector{
		ok("good", "north invites south", invited),
		ok("quorum-kind", "acknowledgements need one officer at every precedence", with("channel cable", "quorum-kind acknowledgement 1\nchannel cable")),
		ok("channel-narrow", "a slow channel", with("7700\n", "7700 narrow\n")),
		ok("channel-quic", "a channel of kind quic", with("cable tcp", "cable quic")),
		ok("channel-ipv6", "an address of IPv6", with("192.0.2.1:7700", "[2001:db8::7]:7700")),

		no("to-itself", "party", "north invites itself", end("parley-invite v1\nto north\n"+strings.TrimPrefix(body, "parley-invite v1\nto south\n"))),
		no("listener-third", "party", "a party listens that is not of the line", with("tcp north", "tcp west")),
		no("listener-third-quic", "party", "a party listens with quic that is not of the line", with("tcp north", "quic west")),
		no("quorum-out-of-reach", "quorum", "no desk has four officers", with("flash 2", "flash 4")),
		no("deniable", "deniable", "deniable terms, and cards without deniable keys", with("attributable", "deniable")),
		no("card-changed", "root signature", "the card in it was changed", end(replaced(body, "language en\nlog", "language fr\nlog"))),

		no("quorum-0", "malformed", "nobody needs to sign", with("flash 2", "flash 0")),
		no("quorum-9", "malformed", "nine officers are more than content can carry", with("flash 2", "flash 9")),
		no("quorum-missing", "malformed", "no quorum for routine", with("quorum routine 1\n", "")),
		no("channels-none", "malformed", "there is no channel", end("parley-invite v1\nto south\n"+replaced(replaced(terms, "channel cable tcp north 192.0.2.1:7700\n", ""), "channel stick pouch\n", "")+card)),
		no("channel-twice", "malformed", "two channels of one name", with("channel stick", "channel cable")),
		no("channel-kind", "malformed", "a kind of channel that is not known", with("pouch", "pigeon")),
		no("channel-quic-bare", "malformed", "a channel of kind quic without an address", with("stick pouch", "stick quic")),
		no("port-0", "malformed", "port 0", with(":7700", ":0")),
		no("port-leading-zero", "malformed", "a port with a leading zero", with(":7700", ":07700")),
		no("span-not-largest", "malformed", "60s is written 1m", with("check-every 30s", "check-every 60s")),
		no("span-too-short", "malformed", "a check every 99 ms", with("check-every 30s", "check-every 99ms")),
		no("language-twice", "malformed", "a language stands twice, in another case", with("languages en", "languages en,EN")),
		no("evidence-unknown", "malformed", "a mode of evidence that is not known", with("attributable", "perhaps")),
		no("card-missing", "malformed", "there is no card", end("parley-invite v1\nto south\n"+terms)),
	}
	return append(v, badLines(body)...)
}

// acceptVectors are judged as answers to the invite of the line.
func acceptVectors() []vector {
	body := string(accepted[:bytes.LastIndex(accepted, []byte("END "))])
	v := []vector{
		ok("good", "south accepts", accepted),

		no("invite-other", "invite", "it answers another invite", accept(south.card(), invite(north.card(), "south", replaced(terms, "30s", "31s")))),
		no("party-other", "party", "the card of a party that was not invited", accept(newParty("west").card(), invited)),
		no("party-same", "party", "the card of the inviter", accept(north.card(), invited)),
		no("card-changed", "root signature", "the card in it was changed", end(replaced(body, "language en", "language fr"))),
		no("key-of-north", "key", "south's hop key is north's", accept(func() []byte {
			return signCard(south.root, replaced(south.cardBody(), "hop "+b64(south.hop.public), "hop "+b64(north.hop.public)))
		}(), invited)),
		no("log-of-north", "key", "south's log id is north's", accept(func() []byte {
			return signCard(south.root, replaced(south.cardBody(), fmt.Sprintf("log %x", south.log), fmt.Sprintf("log %x", north.log)))
		}(), invited)),
		no("quorum-out-of-reach", "quorum", "south has one officer, and flash needs two", accept(func() []byte {
			b := south.cardBody()
			for _, o := range south.officers[:2] {
				b = replaced(b, "officer "+b64(o.key.public)+" "+strings.Join(o.desks, ",")+" "+o.name+"\n", "")
			}
			return signCard(south.root, b)
		}(), invited)),
		no("hash-upper-case", "malformed", "hexadecimal is written in lower case", end(func() string {
			first, rest, _ := strings.Cut(strings.TrimPrefix(body, "parley-accept v1\ninvite "), "\n")
			return "parley-accept v1\ninvite " + strings.ToUpper(first) + "\n" + rest
		}())),
	}
	return append(v, badLines(body)...)
}

func rosterVectors() []vector {
	body := string(roster[:bytes.LastIndex(roster, []byte("END "))])
	text := func(old, new string) []byte { return end(replaced(body, old, new)) }
	pq := string(pqRoster[:bytes.LastIndex(pqRoster, []byte("END "))])
	keyPQ := func(name string) string { return "receipt-pq " + b64(mldsaKey(name+" receipt-pq")) + "\n" }
	textPQ := func(old, new string) []byte { return end(replaced(pq, old, new)) }
	v := []vector{
		ok("good", "the roster of the line", roster),
		ok("receipt-pq", "both parties have a receipt-pq key", pqRoster),
		ok("receipt-pq-one", "one party has a receipt-pq key", textPQ(keyPQ("south"), "")),
		ok("receipt-pq-zeros", "any 1,312 bytes are a receipt-pq key", textPQ(keyPQ("south"), "receipt-pq "+b64(make([]byte, 1312))+"\n")),

		no("receipt-pq-same", "key", "one receipt-pq key on both sides", textPQ(keyPQ("south"), keyPQ("north"))),
		no("receipt-pq-twice", "malformed", "two receipt-pq keys on one side", textPQ(keyPQ("south"), keyPQ("south")+keyPQ("south"))),
		no("receipt-pq-short", "malformed", "a receipt-pq key of 1,311 bytes", textPQ(keyPQ("south"), "receipt-pq "+b64(make([]byte, 1311))+"\n")),
		no("receipt-pq-place", "malformed", "the receipt-pq key stands behind the hop key", end(replaced(replaced(pq, keyPQ("south"), ""),
			"hop "+b64(south.hop.public)+"\n", "hop "+b64(south.hop.public)+"\n"+keyPQ("south")))),

		no("parties-unsorted", "malformed", "south stands before north", rosterText(south, north, terms)),
		no("party-twice", "party", "one party on both sides", rosterText(north, north, terms)),
		no("key-twice", "key", "one key on both sides", text("hop "+b64(south.hop.public), "hop "+b64(north.hop.public))),
		no("log-twice", "key", "one log id on both sides", text(fmt.Sprintf("log %x", south.log), fmt.Sprintf("log %x", north.log))),
		no("quorum-out-of-reach", "quorum", "no desk has four officers", text("flash 2", "flash 4")),
		no("deniable", "deniable", "deniable terms, and cards without deniable keys", text("attributable", "deniable")),
		no("prekey", "malformed", "prekeys are no part of a roster", text("terms v1\n", "last-resort "+b64(south.lastResort.public)+"\nterms v1\n")),
		no("terms-v2", "malformed", "terms of a later version", text("terms v1", "terms v2")),
	}
	return append(v, badLines(body)...)
}
