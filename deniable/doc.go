// Package deniable makes the line on which two parties speak off the record:
// each knows for certain what the other said, and neither can prove it to
// anybody else.
//
// From the deniable keys on the two cards both sides compute one secret, and
// from it every key of a second line: its logs, its receipts, its officers. So
// each side can make every signature on it, its own and the other's. A side
// believes what it did not make itself; a third person, shown a transcript that
// verifies, learns nothing, because whoever shows it could have written it all.
// [Line.Keys] and [Line.Sign] give either party's keys to either party: they
// are the forger's tool, and that they exist is the point.
//
// All else is as on any line: the same messages, records, proofs and programs.
//
// Its spec is spec/DENIABLE.md.
package deniable
