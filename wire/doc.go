// Package wire is the bytes of Parley: what crosses the line, what is signed,
// and what is kept as evidence, as structs with one Append and one Parse each.
//
//	format      struct      is                                spec
//	content     Content     map; what officers sign           spec/MESSAGE.md §3
//	signed      Signed      COSE_Sign of a content            spec/MESSAGE.md §4
//	entry       Entry       map; the leaf of a log            spec/MESSAGE.md §5
//	statement   Signed1     COSE_Sign1 of one of the next     spec/MESSAGE.md §4
//	  receipt   Receipt     map; "I hold entry n"             spec/RECEIPT.md §3
//	  refusal   Refusal     map; "not believed, because"      spec/RECEIPT.md §4
//	  check     Check       map; proves a channel             spec/RECEIPT.md §5
//	  opening   Opening     map; opens an epoch               spec/ENVELOPE.md §2
//	  prekeys   Prekeys     map; keys to open epochs to       spec/ENVELOPE.md §1
//	  closed    Closed      map; an epoch may be destroyed    spec/ENVELOPE.md §4
//	report      Report      map, unsigned; what is held       spec/RECEIPT.md §6
//	unknown     Unknown     map, unsigned; "seal again"       spec/ENVELOPE.md §4
//	bundle      []Part      array; the plaintext of a frame   spec/ENVELOPE.md §6
//	narrow      []byte      array; an entry made short        spec/ENVELOPE.md §5
//	frame       Frame       array; what a channel carries     spec/FRAME.md §2
//
// Checkpoints and cosignatures are text and live in packages transcript and
// receipt (spec/TRANSCRIPT.md); the leaf of a log is the bytes of an Entry.
//
// # Promises
//
// One encoding. Every format is deterministic CBOR (RFC 8949 §4.2.1) with
// explicit key numbers. Parse decodes, encodes again and compares the whole, so
// what parses is written as the same bytes, and no two byte strings are one
// value: hashes and signatures can be taken over bytes as they came.
//
// The same rules both ways. Append refuses what Parse would refuse, with the
// same sentinel. The one thing that an Append mends is the order of the desks
// in [Content].To.
//
// Nothing kept of the input. What Parse returns shares no memory with what it
// was given; [ViewEntry], [ViewSigned] and [Unpad] return parts of it.
//
// Bounded work. A format has a limit in bytes that is checked first; nothing is
// allocated for a length that is declared and does not come; nesting is at most
// 8. No input makes this package panic.
//
// Text that reads as it was signed. [CheckText] allows text in Unicode normal
// form C without controls, directional overrides and invisible characters, and
// never alters any.
//
// Poison stops nothing. [ParseEntryHeader] reads what is needed to store and
// receipt an entry of any version, whatever is inside; a [Part] of unknown type
// is returned like the others. What is inside is judged later, one by one.
//
// # Refusals
//
// Every error wraps exactly one of [ErrMalformed], [ErrVersion], [ErrLimit],
// [ErrText], [ErrForm] and [ErrSignature]; a refusal's reason and the vectors
// decide on these. Refused are, among others: integers and lengths that are not
// the shortest, maps out of order, keys that are unknown or come twice, bytes
// behind the end, indefinite lengths, tags, floats where no number may be one,
// null, byte strings of another length, and in COSE any header but {1: -8,
// 4: kid}.
//
// # Not here
//
// This package does not know whose a key is, nor what may be believed: roster
// and release do. It verifies a signature only in [Signed1.Verify]; the officers'
// are verified by release over [ToBeSigned]. It does no I/O, asks no clock and
// draws no randomness.
package wire
