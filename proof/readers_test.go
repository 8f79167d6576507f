package proof_test

import (
	"bytes"
	"image"
	"image/color"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	logfmt "github.com/transparency-dev/formats/log"
	cosignature "github.com/transparency-dev/formats/note"
	tlogproof "github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"

	"parley/internal/rostertest"
	ours "parley/proof"
	"parley/roster"
)

// verifiers are those of north's log key and of south's cosignatures, made as anybody
// makes them who has the roster: from a name and a key.
func verifiers(t *testing.T, line *rostertest.Line) (log, cosigner note.Verifier) {
	t.Helper()
	north, south := line.North.Side, line.South.Side
	vkey, err := note.NewEd25519VerifierKey(roster.LogOrigin(line.Roster.Line, north.Log), north.LogKey)
	if err == nil {
		log, err = note.NewVerifier(vkey)
	}
	if err != nil {
		t.Fatal(err)
	}
	vkey, err = note.NewEd25519VerifierKey(roster.ReceiptKeyName(line.Roster.Line, south.Party), south.Receipt)
	if err == nil {
		cosigner, err = cosignature.NewVerifierForCosignatureV1(vkey)
	}
	if err != nil {
		t.Fatal(err)
	}
	return log, cosigner
}

// TestOthersReadIt reads the proof of a message with the packages of the Go project and
// of transparency-dev: signed-note, tlog-checkpoint, tlog-cosignature, tlog-proof.
func TestOthersReadIt(t *testing.T) {
	r := conversation(t)
	log, cosigner := verifiers(t, r.Line)
	p := r.Proof("north", 2, 2)
	file := inForm(t, p, ours.Tlog)

	var read tlogproof.TLogProof
	if err := read.Unmarshal(file); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(read.Marshal(), file) {
		t.Error("formats/proof writes it otherwise")
	}
	checkpoint, _, n, err := logfmt.ParseCheckpoint(read.Checkpoint, log.Name(), log, cosigner)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 {
		t.Errorf("verified %d signatures, and not %d", len(n.Sigs), len(n.UnverifiedSigs))
	}
	if at, err := cosignature.CoSigV1Timestamp(n.Sigs[1]); err != nil || at.UnixMilli() <= 0 {
		t.Errorf("cosigned at %v, %v", at, err)
	}
	var hashes [][]byte
	for _, h := range read.Hashes {
		hashes = append(hashes, h[:])
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(read.ExtraData)
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, read.Index, checkpoint.Size, leaf, hashes, checkpoint.Hash); err != nil {
		t.Error(err)
	}
	if !bytes.Equal(read.ExtraData, p.Entries[0]) || read.Index != 1 {
		t.Errorf("another entry, at index %d", read.Index)
	}

	// The same note, out of the text, with x/mod alone.
	text := string(inForm(t, p, ours.Text))
	_, below, _ := strings.Cut(text, "\ncheckpoint\n")
	var cut strings.Builder
	for line := range strings.Lines(below) {
		if !strings.HasPrefix(line, "|") {
			break
		}
		cut.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "|"), " "))
	}
	if n, err := note.Open([]byte(cut.String()), note.VerifierList(log, cosigner)); err != nil || len(n.Sigs) != 2 {
		t.Errorf("x/mod/sumdb/note: %v", err)
	}
}

var (
	paths = regexp.MustCompile(`<svg viewBox="0 0 (\d+) \d+"[^>]*><path d="([^"]*)"`)
	runs  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-\d+z`)
)

// TestCodesAreRead draws the QR codes of a page and reads them with a reader of others.
func TestCodesAreRead(t *testing.T) {
	r := conversation(t)
	page := string(inForm(t, r.Proof("north", 1, 3), ours.Page))
	var scanned strings.Builder
	for _, svg := range paths.FindAllStringSubmatch(page, -1) {
		side, _ := strconv.Atoi(svg[1])
		const scale = 3
		img := image.NewGray(image.Rect(0, 0, side*scale, side*scale))
		for i := range img.Pix {
			img.Pix[i] = 0xff
		}
		for _, run := range runs.FindAllStringSubmatch(svg[2], -1) {
			x, _ := strconv.Atoi(run[1])
			y, _ := strconv.Atoi(run[2])
			n, _ := strconv.Atoi(run[3])
			for dy := range scale {
				for dx := range n * scale {
					img.SetGray(x*scale+dx, y*scale+dy, color.Gray{})
				}
			}
		}
		bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
		if err != nil {
			t.Fatal(err)
		}
		code, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
		if err != nil {
			t.Fatal(err)
		}
		scanned.WriteString(code.GetText() + "\n")
	}
	if err := judge([]byte(scanned.String()), r.Line.Roster); err != nil {
		t.Error(err)
	}
}
