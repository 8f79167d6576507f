package backup

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"parley"
	"parley/lines"
)

// Manifest says what is in a backup. As a text, the first file of the archive, it is
//
//	parley-backup v1
//	made 2026-11-28T20:00:00Z
//	party south
//	root BASE64                     the public half of the party's root key
//	program WORD                    that made it
//	starts 3                        the journal's count of the station's starts
//	log LINE LOG PARTY SIZE         one for each log in the journal, by LOG
//	file SIZE SHA-256 NAME          one for each file that follows, in their order
//	END n h
//
// and has one writing: what parses is written back the same.
type Manifest struct {
	Made    time.Time // UTC, in whole seconds
	Party   parley.Party
	Root    ed25519.PublicKey
	Program string
	Starts  uint64
	Logs    []Log
	Files   []File // by name
}

// Log is how far a log went when the backup was made.
type Log struct {
	Line  parley.LineID
	ID    parley.LogID
	Party parley.Party
	Size  uint64 // entries without a gap
}

// File is a file of the party's folder.
type File struct {
	Name string // below the folder, with '/' on every system
	Size int64
	Hash [sha256.Size]byte
}

// Bounds of what a backup holds. Any file but the journal is read into memory.
const (
	maxManifest = 4 << 20
	maxFiles    = 10_000
	maxLogs     = 4_096
	maxSmall    = 4 << 20
	maxJournal  = 1 << 44
	maxName     = 240
)

// Errors of a backup that a caller decides on.
var (
	// ErrDamaged is returned for a backup that was cut off or altered.
	ErrDamaged = errors.New("the backup is cut off, or was altered")
	// ErrNewer is returned for a backup in a form that this version does not know.
	ErrNewer = errors.New("the backup was made by a newer version")
)

const (
	titleStem = "parley-backup "
	title     = titleStem + "v1"
)

// Bytes returns how much all files hold.
func (m Manifest) Bytes() (n int64) {
	for _, f := range m.Files {
		n += f.Size
	}
	return n
}

// text writes the manifest.
func (m Manifest) text() []byte {
	var w lines.Writer
	w.Line(title)
	w.Line("made", m.Made.UTC().Format(time.RFC3339))
	w.Line("party", string(m.Party))
	w.Base64("root", m.Root)
	w.Line("program", m.Program)
	w.Line("starts", strconv.FormatUint(m.Starts, 10))
	for _, l := range m.Logs {
		w.Line("log", l.Line.String(), l.ID.String(), string(l.Party), strconv.FormatUint(l.Size, 10))
	}
	for _, f := range m.Files {
		w.Line("file", strconv.FormatInt(f.Size, 10), hex.EncodeToString(f.Hash[:]), f.Name)
	}
	return w.End()
}

// parseManifest is the inverse of text. Errors wrap ErrDamaged or ErrNewer.
func parseManifest(b []byte) (Manifest, error) {
	var m Manifest
	if first, _, _ := strings.Cut(string(b[:min(len(b), 64)]), "\n"); first != title && strings.HasPrefix(first, titleStem) {
		return m, fmt.Errorf("%w: its first line is %q", ErrNewer, first)
	}
	d, err := lines.NewCounted("manifest", ErrDamaged, title, b)
	if err != nil {
		return m, err
	}
	made := d.Word("made")
	if m.Made, err = time.Parse(time.RFC3339, made); d.Err() == nil && (err != nil || m.Made.UTC().Format(time.RFC3339) != made) {
		d.Fail("made", "%q is no time in UTC and whole seconds", lines.Clip(made))
	}
	m.Made = m.Made.UTC()
	m.Party = d.Party("party")
	m.Root = d.Base64("root", ed25519.PublicKeySize)
	m.Program = d.Word("program")
	m.Starts = d.Number("starts", d.Word("starts"), 0, math.MaxUint64)
	for d.Next("log") && len(m.Logs) <= maxLogs {
		m.Logs = append(m.Logs, parseLog(&d))
	}
	for d.Next("file") && len(m.Files) <= maxFiles {
		m.Files = append(m.Files, parseFile(&d))
	}
	if err := d.Finish(); err != nil {
		return m, err
	}
	return m, m.check()
}

func parseLog(d *lines.Reader) (l Log) {
	if w := d.Words("log", 4); len(w) == 4 {
		copy(l.Line[:], d.Unhex("log", w[0], len(l.Line)))
		copy(l.ID[:], d.Unhex("log", w[1], len(l.ID)))
		l.Party = d.PartyOf("log", w[2])
		l.Size = d.Number("log", w[3], 0, math.MaxInt64)
	}
	return l
}

func parseFile(d *lines.Reader) (f File) {
	if w := d.Words("file", 3); len(w) == 3 {
		f.Size = int64(d.Number("file", w[0], 0, maxJournal))
		copy(f.Hash[:], d.Unhex("file", w[1], len(f.Hash)))
		f.Name = w[2]
	}
	return f
}

// check refuses a manifest that no folder of a party gives. Errors wrap ErrDamaged.
func (m Manifest) check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("manifest: %w: %s", ErrDamaged, fmt.Sprintf(format, args...))
	}
	if len(m.Logs) > maxLogs || len(m.Files) > maxFiles {
		return fail("more than %d logs or %d files", maxLogs, maxFiles)
	}
	if !slices.IsSortedFunc(m.Logs, func(a, b Log) int { return strings.Compare(a.ID.String(), b.ID.String()) }) {
		return fail("the logs are not in their order")
	}
	journal := false
	for i, f := range m.Files {
		most := int64(maxSmall)
		if f.Name == journalFile {
			journal, most = true, maxJournal
		}
		switch {
		case !belongs(f.Name):
			return fail("%q is no file of a party's folder that a backup holds", lines.Clip(f.Name))
		case f.Size < 0 || f.Size > most:
			return fail("%s has %d bytes", f.Name, f.Size)
		case i > 0 && m.Files[i-1].Name >= f.Name:
			return fail("the files are not in their order, or one is there twice")
		}
	}
	if !journal {
		return fail("there is no journal")
	}
	return nil
}

// RootText returns the root key in base64, as parley.toml and the manifest write it.
func (m Manifest) RootText() string { return base64.StdEncoding.EncodeToString(m.Root) }
