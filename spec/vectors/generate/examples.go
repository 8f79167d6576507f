package main

import (
	"encoding/binary"
)

// examples are the literal bytes in spec/*.md, by the name in their marker.
func examples() map[string][]byte {
	a := north.officer('a')
	report := array(array(u(7), bstr(reportFields.encode())))
	small := sealed(narrow, nil, report)
	aad := array(u(1), bstr(tag), u(narrow), bstr(epochID), bstr(salt))
	cosigned := append([]byte(nil), checkpoint2...)
	cosigned = append(cosigned, cosignature(south.receipt, receiptName("south"), checkpointText(north.log, 2, treeRoot([][]byte{leaf1, leaf2})), noon/1000+3)...)
	receipt := sign1(south.receipt, receiptDomain, receiptFields.encode())
	refusal := sign1(south.station, refusalDomain, refusalFields.encode())

	return map[string][]byte{
		"content":         first,
		"acknowledgement": ack,
		"to-be-signed":    toBeSigned("parley/v1/content", a.id, first),
		"signed":          firstSigned,
		"entry":           entry1,
		"second-entry":    entry2,
		"side":            north.side(),
		"derived":         derived(denying("attributable,non-papers"), deniableKey("south").PublicKey().Bytes()),
		"change":          []byte(replacing.text()),

		"info":             info,
		"opening":          opening,
		"direction-secret": direction,
		"frame-key":        frameKey(direction, salt, narrow),
		"aad":              aad,
		"bundle":           report,
		"narrow-entry":     array(narrowItems()...),
		"closed":           sign1(north.station, closedDomain, closedFields.encode()),
		"unknown":          unknownFields.encode(),

		"renewal":    sign1(north.logKey, renewalDomain, renewalFields.encode()),
		"closing":    sign1(south.receipt, closingDomain, closingFields.encode()),
		"generation": generation2,
		"recall":     recallFields.encode(),

		"tag":    tag,
		"frame":  small.encode(),
		"stream": stream(small.encode()),
		"quic":   streams(small.encode()),
		"pouch":  pouchOf(join(number4(len(small.encode())), small.encode())),

		"cosigned": cosigned,

		"witnessed":   seenBy(checkpoint2, witness1),
		"witness-key": []byte(witness1.vkey() + "\n"),

		"receipt": receipt,
		"refusal": refusal,
		"check":   sign1(north.station, checkDomain, checkFields.encode()),
		"report":  reportFields.encode(),

		"leaves":     join(leaf1, leaf2),
		"root":       treeRoot([][]byte{leaf1, leaf2}),
		"checkpoint": checkpoint2,
		"inclusion":  join(inclusion(1, [][]byte{leaf1, leaf2})...),
		"fork":       twoRoots,
		"decision":   decision,
		"transcript": transcript(cosigned, receipt, refusal),

		"set":        join(proofOfSet(bothLeaves, 1)...),
		"proof":      counted(secondShown.text()),
		"proof-cbor": secondShown.fields().encode(),
		"tlog-proof": secondTlog,
	}
}

// streams are the STREAM frames of QUIC that the listening side of a connection
// of quic sends first: its greeting on stream 3, and a frame on stream 7.
func streams(frame []byte) []byte {
	const lenAndFin = 0x08 | 0x02 | 0x01
	b := []byte{lenAndFin, 3, 0, lenAndFin, 7}
	b = binary.BigEndian.AppendUint16(b, 0x4000|uint16(len(frame)))
	return append(b, frame...)
}

// stream is what the listening side of a connection of tcp sends first: its
// greeting, then a frame.
func stream(frame []byte) []byte {
	return join(make([]byte, 4), binary.BigEndian.AppendUint32(nil, uint32(len(frame))), frame)
}

// transcript is the file of the line as north exports it: two entries of its
// own, of which south receipted both and refused the second, and one of south.
func transcript(cosigned, receipt, refusal []byte) []byte {
	return counted(record{
		line: line, exporter: "north",
		north: recordLog{
			party: "north", id: north.log, entries: [][]byte{entry1, entry2}, checkpoint: checkpoint2, cosigned: cosigned,
			receipts: []statement{{2, receipt}}, refusals: []statement{{2, refusal}},
		},
		south: recordLog{party: "south", id: south.log, entries: [][]byte{southEntry1}, checkpoint: checkpoint(south, 1, leafHash(southEntry1))},
	}.text())
}
