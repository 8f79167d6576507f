package bench

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"sync"
	"time"

	"parley"
	"parley/release"
	"parley/transcript"
	"parley/wire"
)

// write makes the frames of a flood of n messages, each behind its length and
// the number of its messages: made beforehand, they cost the processor nothing
// when they are sent.
func (f *flooder) write(to io.Writer, n int) error {
	const chunk = 4096
	var parts []wire.Part
	size := 0
	for done := 0; done < n; {
		signed, err := f.sign(min(chunk, n-done))
		if err != nil {
			return err
		}
		for _, s := range signed {
			part, err := f.message(s)
			if err != nil {
				return err
			}
			done++
			if parts, size = append(parts, part), size+len(part.Bytes); size < floodBytes && done < n {
				continue
			}
			frame, err := f.frame(parts...)
			if err != nil {
				return err
			}
			head := binary.BigEndian.AppendUint32(nil, uint32(len(frame)))
			head = binary.BigEndian.AppendUint32(head, uint32(len(parts)))
			if _, err := to.Write(append(head, frame...)); err != nil {
				return err
			}
			parts, size = nil, 0
		}
	}
	return nil
}

// sign makes n messages, believable like any other, on all cores.
func (f *flooder) sign(n int) ([][]byte, error) {
	signed, errs := make([][]byte, n), make([]error, n)
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				signed[i], errs[i] = f.signed()
			}
		})
	}
	wg.Wait()
	return signed, errors.Join(errs...)
}

func (f *flooder) signed() ([]byte, error) {
	c := wire.Content{
		Line: f.roster.Line, From: parley.Desk(f.id.party + "/duty"), To: []parley.Desk{parley.Desk(f.peer.Party + "/duty")},
		Precedence: parley.Routine, Status: parley.Real, Kind: parley.Text, Language: "en", Body: body,
	}
	if _, err := rand.Read(c.Draft[:]); err != nil {
		return nil, err
	}
	content, err := wire.AppendContent(nil, c)
	if err != nil {
		return nil, err
	}
	sig, err := release.Approve(content, f.id.officer)
	if err != nil {
		return nil, err
	}
	return wire.AppendSigned(nil, wire.Signed{Content: content, Signatures: []wire.Signature{sig}})
}

// message is the next entry of its log.
func (f *flooder) message(signed []byte) (wire.Part, error) {
	f.number++
	entry, err := wire.AppendEntry(nil, wire.Entry{
		Header: wire.Header{Version: 1, Log: f.self.Log, Number: f.number, Previous: f.head, Time: parley.TimeOf(time.Now())},
		Signed: signed,
	})
	f.head = transcript.LeafHash(entry)
	return wire.Part{Type: wire.PartEntry, Bytes: entry}, err
}
