package main

import (
	"crypto/sha256"
	"fmt"
	"strings"
)

// mark is a line of a decision that names a checkpoint.
func mark(keyword string, size uint64, root []byte) string {
	return fmt.Sprintf("%s %d %x\n", keyword, size, root)
}

// decisionText is a decision about south's log, without its last line.
func decisionText(marks ...string) string {
	return fmt.Sprintf("parley-decision v1\nlog %x\n", south.log) + strings.Join(marks, "")
}

var (
	heldMark  = mark("held", 1, leafHash(southEntry1))
	otherMark = mark("other", 1, leaf2)
	decision  = counted(decisionText(heldMark, otherMark))
)

// decisionVectors are bodies of texts by which officers decide about a fork.
func decisionVectors() []vector {
	empty := sha256.Sum256(nil)
	others := func(n int) (all []string) {
		all = append(all, heldMark)
		for i := range n {
			all = append(all, mark("other", uint64(i+1), leaf2))
		}
		return all
	}
	body := decisionText(heldMark, otherMark)
	bad := func(name, why, old, new string) vector {
		return no(name, "malformed", why, counted(replaced(body, old, new)))
	}
	root := fmt.Sprintf("%x", leafHash(southEntry1))
	return []vector{
		ok("good", "one checkpoint contradicts what is held", decision),
		ok("other-none", "nothing that contradicts it was signed", counted(decisionText(heldMark))),
		ok("held-nothing", "no checkpoint agrees with what is held", counted(decisionText(mark("held", 0, empty[:]), otherMark))),
		ok("other-32", "as many as there may be", counted(decisionText(others(32)...))),
		ok("size-largest", "the largest size of a log", counted(decisionText(mark("held", 1<<40, leaf1)))),

		no("other-33", "malformed", "one more than there may be", counted(decisionText(others(33)...))),
		no("held-missing", "malformed", "nothing is said of what is held", counted(decisionText(otherMark))),
		no("held-twice", "malformed", "two histories are held", counted(decisionText(heldMark, heldMark))),
		no("other-first", "malformed", "what contradicts stands first", counted(decisionText(otherMark, heldMark))),
		no("size-beyond", "malformed", "more than a log can have", counted(decisionText(mark("held", 1<<40+1, leaf1)))),
		no("nothing-with-root", "malformed", "the empty log has another root", counted(decisionText(mark("held", 0, leaf1)))),
		bad("log-short", "15 bytes of a log id", fmt.Sprintf("log %x", south.log), fmt.Sprintf("log %x", south.log[1:])),
		bad("log-missing", "it is not said of which log", fmt.Sprintf("log %x\n", south.log), ""),
		bad("root-short", "31 bytes of a root", root, root[2:]),
		bad("root-upper-case", "hexadecimal is written in lower case", root, strings.ToUpper(root)),
		bad("size-leading-zero", "a size has a leading zero", "held 1", "held 01"),
		bad("size-missing", "a root without its size", "held 1 ", "held "),
		bad("two-spaces", "two spaces between fields", "held 1", "held  1"),
		bad("keyword-unknown", "a line that does not belong here", "other", "reason"),
		bad("version-2", "version 2 is not known", "v1", "v2"),
		no("end-missing", "malformed", "the last line is missing", []byte(body)),
		no("cut-off", "malformed", "the last byte is missing", decision[:len(decision)-1]),
		no("line-behind", "malformed", "a line stands behind END", append(append([]byte{}, decision...), '\n')),
		no("altered", "malformed", "a digit was changed and END was not", []byte(replaced(string(decision), "held 1", "held 2"))),
		no("crlf", "malformed", "lines end in CR LF", []byte(strings.ReplaceAll(string(decision), "\n", "\r\n"))),
		no("nothing", "malformed", "there are no bytes", nil),
	}
}
