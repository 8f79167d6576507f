package roster_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"parley/internal/rostertest"
	"parley/roster"
)

// Each file that is not as the specification says is refused, and the message
// names the line, the keyword and what to do.
func TestRosterRefuses(t *testing.T) {
	l := rostertest.New(t, rostertest.Channels(
		roster.Channel{Name: "one", Kind: roster.TCP, Listener: "north", Address: "192.0.2.7:4700"},
		roster.Channel{Name: "two", Kind: roster.Pouch, Narrow: true}))
	good := l.Roster.Text()
	if _, err := roster.ParseRoster(good); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(good), "\n")
	officerA := strings.TrimSuffix(lines[11], "\n")
	log := l.North.Log.String()
	swap := func(i, j int) []byte {
		s := append([]string{}, lines...)
		s[i], s[j] = s[j], s[i]
		return recount([]byte(strings.Join(s, "")))
	}
	sub := func(old, with string) []byte { return replace(good, old, with) }
	for _, c := range []struct {
		name string
		text []byte
		want error
		says string
	}{
		{"empty", nil, roster.ErrMalformed, "cut off"},
		{"one line feed", []byte("\n"), roster.ErrMalformed, `must be "END 1"`},
		{"END alone", []byte("END 1\n"), roster.ErrMalformed, "empty"},
		{"huge", bytes.Repeat([]byte("a\n"), roster.MaxFile), roster.ErrMalformed, "65536"},
		{"CRLF", bytes.ReplaceAll(good, []byte("\n"), []byte("\r\n")), roster.ErrMalformed, "line 1 holds a CR"},
		{"byte order mark", append([]byte("\ufeff"), good...), roster.ErrMalformed, "byte order mark"},
		{"UTF-16", []byte("\xff\xfep\x00\n"), roster.ErrMalformed, "UTF-8"},
		{"no END", []byte(strings.Join(lines[:len(lines)-2], "")), roster.ErrMalformed, "line 38: the last line must be \"END 38\""},
		{"cut in a line", good[:100], roster.ErrMalformed, "cut off"},
		{"no last line feed", good[:len(good)-1], roster.ErrMalformed, "cut off"},
		{"a line after END", append(bytes.Clone(good), "x\n"...), roster.ErrMalformed, "must be \"END 40\""},
		{"wrong count", bytes.Replace(good, []byte("END 39"), []byte("END 40"), 1), roster.ErrMalformed, "line 39"},
		{"other version", sub("parley-roster v1", "parley-roster v2"), roster.ErrMalformed, "line 1: parley-roster: malformed: it is \"parley-roster v2\" and this program reads v1 only"},
		{"other file", recount(l.South.Card), roster.ErrMalformed, "check that this is the right file"},
		{"unknown keyword", sub("language en", "tongue en"), roster.ErrMalformed, "line 3: language: malformed: this line must stand here, not \"tongue\""},
		{"an added line", sub("terms v1\n", "terms v1\nnote yes\n"), roster.ErrMalformed, "line 29: quorum: malformed: this line must stand here, not \"note\""},
		{"line at the end", sub("pouch-window 720h\n", "pouch-window 720h\npouch-window 720h\n"), roster.ErrMalformed, "line 39: END: malformed: this line must stand here"},
		{"repeated", sub("language en\n", "language en\nlanguage en\n"), roster.ErrMalformed, "line 4: log"},
		{"repeated desk", sub("desk north/duty\n", "desk north/duty\ndesk north/duty\n"), roster.ErrMalformed, "stands twice"},
		{"repeated officer", sub(officerA+"\n", officerA+"\n"+officerA+"\n"), roster.ErrMalformed, "stands twice"},
		{"repeated channel", sub("channel two pouch", "channel one pouch"), roster.ErrMalformed, "stands twice"},
		{"lines in another order", swap(4, 5), roster.ErrMalformed, "line 5: root"},
		{"desks in another order", swap(9, 10), roster.ErrMalformed, "sort the desks"},
		{"officers in another order", swap(11, 12), roster.ErrMalformed, "sort the officers"},
		{"parties in another order", swapSides(lines), roster.ErrMalformed, "sort the parties"},
		{"two spaces", sub("language en", "language  en"), roster.ErrMalformed, "line 3"},
		{"space at the end", sub("language en", "language en "), roster.ErrMalformed, "line 3"},
		{"tab", sub("language en", "language\ten"), roster.ErrMalformed, "line 3"},
		{"nothing behind", sub("language en", "language"), roster.ErrMalformed, "nothing stands behind"},
		{"blank line", sub("language en\n", "\nlanguage en\n"), roster.ErrMalformed, "line 3"},
		{"capital", sub("party north", "party North"), roster.ErrMalformed, "line 2: party"},
		{"language", sub("language en", "language e"), roster.ErrMalformed, "write it like en"},
		{"language too long", sub("language en", "language en-"+strings.Repeat("a-", 20)+"a"), roster.ErrMalformed, "BCP 47"},
		{"log in capitals", sub("log "+log, "log AB"+log[2:]), roster.ErrMalformed, "line 4: log"},
		{"log of zeros", sub("log "+log, "log "+strings.Repeat("0", 32)), roster.ErrMalformed, "random"},
		{"short log", sub("log "+log, "log "+log[2:]), roster.ErrMalformed, "16 bytes"},
		{"key not padded", sub("=\nlog-key", "\nlog-key"), roster.ErrMalformed, "line 5: root"},
		{"key with loose bits", looseBits(good), roster.ErrMalformed, "line 5: root"},
		{"desk of the other", sub("desk north/duty", "desk south/duty"), roster.ErrMalformed, "line 11: desk"},
		{"desk nobody answers", sub("desk north/duty", "desk north/duty\ndesk north/void"), roster.ErrMalformed, "no officer"},
		{"officer of no desk", sub("north/duty north a", "north/dusty north a"), roster.ErrMalformed, "not a desk"},
		{"officer without name", sub("north/duty north a", "north/duty"), roster.ErrMalformed, "KEY DESK,DESK NAME"},
		{"name with direction", sub("north/duty north a", "north/duty north \u202ea"), roster.ErrMalformed, "line 12: officer: malformed: the name holds U+202E"},
		{"name with a zero width", sub("north/duty north a", "north/duty north\u200b a"), roster.ErrMalformed, "U+200B"},
		{"name with a filler", sub("north/duty north a", "north/duty north a\u3164"), roster.ErrMalformed, "U+3164, which shows as nothing"},
		{"name with a joiner", sub("north/duty north a", "north/duty north\u034f a"), roster.ErrMalformed, "U+034F, which shows as nothing"},
		{"name with a variation selector", sub("north/duty north a", "north/duty north\ufe0f a"), roster.ErrMalformed, "U+FE0F, which shows as nothing"},
		{"name with a Mongolian variation selector", sub("north/duty north a", "north/duty north\u180b a"), roster.ErrMalformed, "U+180B, which shows as nothing"},
		{"name not NFC", sub("north/duty north a", "north/duty north e\u0301"), roster.ErrMalformed, "NFC"},
		{"name of a mark", sub("north/duty north a", "north/duty \u0301a"), roster.ErrMalformed, "mark"},
		{"name with two spaces", sub("north/duty north a", "north/duty north  a"), roster.ErrMalformed, "space"},
		{"name too long", sub("north/duty north a", "north/duty "+strings.Repeat("n", 65)), roster.ErrMalformed, "1 to 64"},
		{"key of two officers", twoOfOneKey(l), roster.ErrKey, `is also the north officer "north a"`},
		{"key of two parties", sub(b64(l.South.Hop), b64(l.North.Hop)), roster.ErrKey, "is also the north hop key"},
		{"one party", bytes.ReplaceAll(good, []byte("south"), []byte("north")), roster.ErrParty, "both sides"},
		{"terms of a later version", sub("terms v1", "terms v2"), roster.ErrMalformed, "update"},
		{"quorum none", sub("quorum flash 2", "quorum flash 0"), roster.ErrMalformed, "1 to 8"},
		{"quorum too large", sub("quorum flash 2", "quorum flash 9"), roster.ErrMalformed, "1 to 8"},
		{"quorum out of reach", sub("quorum flash 2", "quorum flash 4"), roster.ErrQuorum, "lower the quorum"},
		{"quorum written oddly", sub("quorum flash 2", "quorum flash +2"), roster.ErrMalformed, "line 29: quorum"},
		{"quorum left out", sub("quorum immediate 1\n", ""), roster.ErrMalformed, "quorum immediate NUMBER"},
		{"kind unknown", sub("channel one", "quorum-kind song 1\nchannel one"), roster.ErrMalformed, "quorum-kind"},
		{"kind by kind out of reach", sub("channel one", "quorum-kind text 5\nchannel one"), roster.ErrQuorum, "text 5"},
		{"kinds in another order", sub("channel one", "quorum-kind acknowledgement 1\nquorum-kind text 1\nchannel one"), roster.ErrMalformed, "line 34"},
		{"no channel", sub("channel one tcp north 192.0.2.7:4700\nchannel two pouch narrow\n", ""), roster.ErrMalformed, "name 1 to 16"},
		{"channel kind", sub("two pouch", "two raven"), roster.ErrMalformed, "line 34: channel: malformed: write"},
		{"tcp without address", sub("tcp north 192.0.2.7:4700", "tcp north"), roster.ErrMalformed, "HOST:PORT"},
		{"pouch with address", sub("two pouch", "two pouch north a:1"), roster.ErrMalformed, "line 34"},
		{"narrow twice", sub("pouch narrow", "pouch narrow narrow"), roster.ErrMalformed, "line 34"},
		{"listener unknown", sub("tcp north", "tcp east"), roster.ErrParty, "neither north nor south"},
		{"interval unknown", sub("check-every 30s", "check-every 30"), roster.ErrMalformed, "h, m, s or ms"},
		{"interval twice written", sub("check-every 30s", "check-every 60s"), roster.ErrMalformed, "largest unit"},
		{"interval too short", sub("check-every 30s", "check-every 99ms"), roster.ErrMalformed, "from 100ms to 24h"},
		{"interval overflow", sub("check-every 30s", "check-every 9999999999999h"), roster.ErrMalformed, "line 35"},
		{"interval negative", sub("check-every 30s", "check-every -1h"), roster.ErrMalformed, "line 35"},
		{"pouch too long", sub("pouch-window 720h", "pouch-window 8785h"), roster.ErrMalformed, "pouch-window"},
		{"languages twice", sub("languages en", "languages en,EN"), roster.ErrMalformed, "twice"},
		{"languages empty", sub("languages en", "languages en,"), roster.ErrMalformed, "BCP 47"},
		{"deniable", sub("attributable", "deniable"), roster.ErrDeniable, "no deniable key"},
		{"evidence unknown", sub("attributable", "hearsay"), roster.ErrMalformed, "attributable"},
	} {
		_, err := roster.ParseRoster(c.text)
		if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v\n\twant %v saying %q", c.name, err, c.want, c.says)
		}
		if err != nil && strings.ContainsFunc(err.Error(), func(r rune) bool { return unicode.In(r, unicode.C) }) {
			t.Errorf("%s: the message holds control characters: %q", c.name, err)
		}
	}
}

func b64(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// looseBits changes bits of the root key's last character that decode to nothing.
func looseBits(text []byte) []byte {
	i := bytes.Index(text, []byte("=\nlog-key"))
	alphabet := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	bad := bytes.Clone(text)
	bad[i-1] = alphabet[strings.IndexByte(alphabet, bad[i-1])^1]
	return bad
}

// swapSides puts the second party, of as many lines, before the first.
func swapSides(lines []string) []byte {
	const first, size = 1, 13
	s := append([]string{}, lines...)
	copy(s[first:], lines[first+size:first+2*size])
	copy(s[first+size:], lines[first:first+size])
	return []byte(strings.Join(s, ""))
}

func twoOfOneKey(l *rostertest.Line) []byte {
	return replace(l.Roster.Text(), b64(l.North.Side.Officers[1].Key), b64(l.North.Side.Officers[0].Key))
}

// A card inside another file is counted in the lines of that file.
func TestLinesAreCountedInTheFilePeopleSee(t *testing.T) {
	l := rostertest.New(t)
	invite := replace(l.Invite, "station ", "stations ")
	at := 1 + bytes.Count(invite[:bytes.Index(invite, []byte("stations "))], []byte("\n"))
	_, err := roster.ParseInvite(invite)
	if want := fmt.Sprintf("card in the invite: line %d: station: ", at); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q in it", err, want)
	}
	lines := strings.SplitAfter(string(l.Accept), "\n")
	short := append(append([]string{}, lines[:len(lines)-3]...), "END "+fmt.Sprint(len(lines)-2)+"\n")
	_, err = roster.ParseAccept([]byte(strings.Join(short, "")))
	if want := fmt.Sprintf("card in the accept: malformed: line %d: the last line must be \"END ", len(short)-1); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q in it", err, want)
	}
}
