package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
)

// Errors of a backup that does not open.
var (
	// ErrNoBackup is returned for a file that is none.
	ErrNoBackup = errors.New("this is no backup that parley made")
	// ErrKey is returned when nothing that was given opens the backup.
	ErrKey = errors.New("the backup does not open with what was given")
)

// Reader takes a backup apart, file by file. Nothing of a file is to be relied on
// before Next returned without an error after it, and nothing of the whole before
// Next returned io.EOF.
type Reader struct {
	// Manifest says what is there.
	Manifest Manifest

	plain io.Reader
	next  int   // in Manifest.Files
	left  int64 // of the file at hand
	sum   hash.Hash
	err   error
}

// newReader opens a backup and reads its manifest. Errors: ErrNoBackup, ErrKey,
// ErrDamaged, ErrNewer, or what reading r gave.
func newReader(r io.Reader, ids Identities) (*Reader, error) {
	source := &source{r: r}
	plain, err := age.Decrypt(source, ids...)
	if err != nil {
		return nil, source.judge(notOpened(err))
	}
	b := &Reader{plain: &opened{plain: plain, source: source}}
	if b.Manifest, err = b.manifest(); err != nil {
		return nil, err
	}
	return b, nil
}

// source remembers what was wrong with the medium: that is not damage.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// judge returns the error of the medium, if there was one, in place of err.
func (s *source) judge(err error) error {
	if s.err != nil {
		return s.err
	}
	return err
}

// opened is what age opened. Its errors other than io.EOF wrap ErrDamaged, or are the medium's.
type opened struct {
	plain  io.Reader
	source *source
}

func (o *opened) Read(p []byte) (int, error) {
	n, err := o.plain.Read(p)
	if err != nil && err != io.EOF {
		err = o.source.judge(fmt.Errorf("%w: %v", ErrDamaged, err))
	}
	return n, err
}

// notOpened says why age did not open a file. What it says of a wrong passphrase and
// of an altered header are different; the header is authenticated by what it seals.
func notOpened(err error) error {
	var none *age.NoIdentityMatchError
	switch {
	case errors.As(err, &none):
		for _, t := range none.StanzaTypes {
			if t == "scrypt" {
				return fmt.Errorf("%w: it is sealed by a passphrase, and not by this one", ErrKey)
			}
		}
		return fmt.Errorf("%w: it is sealed for other keys", ErrKey)
	case strings.HasPrefix(err.Error(), "failed to read header: "):
		return fmt.Errorf("%w, or its beginning was altered: %v", ErrNoBackup, err)
	}
	return fmt.Errorf("%w: %v", ErrDamaged, err)
}

// manifest reads the manifest, whose size stands in its header alone.
func (b *Reader) manifest() (Manifest, error) {
	fail := func(err error) (Manifest, error) { return Manifest{}, fmt.Errorf("manifest: %w", err) }
	head := make([]byte, block)
	if err := b.fill(head); err != nil {
		return fail(err)
	}
	field := head[124 : 124+12]
	size, err := strconv.ParseUint(string(bytes.TrimRight(field, "\x00 ")), 8, 63)
	if !bytes.HasPrefix(head, []byte(manifestFile+"\x00")) || err != nil {
		return fail(fmt.Errorf("%w: another file is the first", ErrDamaged))
	}
	if size > maxManifest {
		return fail(fmt.Errorf("%w: it is larger than %d bytes", ErrDamaged, maxManifest))
	}
	text := make([]byte, size)
	if err := b.fill(text); err != nil {
		return fail(err)
	}
	m, err := parseManifest(text)
	if err != nil {
		return Manifest{}, err
	}
	if !bytes.Equal(m.text(), text) {
		return fail(fmt.Errorf("%w: it has another writing", ErrDamaged))
	}
	want, err := headerBytes(manifestFile, int64(size), m.Made)
	if err != nil || !bytes.Equal(want, head) {
		return fail(fmt.Errorf("%w: its header is not the one it must have", ErrDamaged))
	}
	return m, b.zeros(padding(int64(size)))
}

// Next goes to the next file, once the one before it was found to be what the manifest
// says; a caller may leave it unread, and it is looked at all the same. After the
// last one it returns io.EOF, if nothing follows. Other errors wrap ErrDamaged, or are
// of what is read from.
func (b *Reader) Next() (File, error) {
	if b.err == nil {
		_, b.err = io.Copy(io.Discard, b)
	}
	if b.err != nil {
		return File{}, b.err
	}
	if b.next == len(b.Manifest.Files) {
		b.err = b.end()
		return File{}, b.err
	}
	f := b.Manifest.Files[b.next]
	want, err := headerBytes(f.Name, f.Size, b.Manifest.Made)
	if err != nil {
		b.err = fmt.Errorf("%s: %w: %v", f.Name, ErrDamaged, err)
		return File{}, b.err
	}
	head := make([]byte, len(want))
	if b.err = b.fill(head); b.err == nil && !bytes.Equal(head, want) {
		b.err = fmt.Errorf("%s: %w: another file is in its place", f.Name, ErrDamaged)
	}
	if b.err != nil {
		return File{}, b.err
	}
	b.next++
	b.left, b.sum = f.Size, sha256.New()
	return f, nil
}

// Read reads the file at hand. At its end it returns io.EOF if the file is what the manifest says.
func (b *Reader) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	if b.sum == nil {
		return 0, io.EOF
	}
	if b.left == 0 {
		f := b.Manifest.Files[b.next-1]
		sum := b.sum
		b.sum = nil
		if !bytes.Equal(sum.Sum(nil), f.Hash[:]) {
			b.err = fmt.Errorf("%s: %w: it has another SHA-256 than the manifest says", f.Name, ErrDamaged)
		} else {
			b.err = b.zeros(padding(f.Size))
		}
		if b.err != nil {
			return 0, b.err
		}
		return 0, io.EOF
	}
	p = p[:min(int64(len(p)), b.left)]
	n, err := b.plain.Read(p)
	b.left -= int64(n)
	b.sum.Write(p[:n])
	if err == io.EOF && b.left > 0 {
		err = cutOff()
	}
	if err != nil && err != io.EOF {
		b.err = err
		return n, err
	}
	return n, nil
}

// end reads what closes an archive, and that nothing follows.
func (b *Reader) end() error {
	if err := b.zeros(2 * block); err != nil {
		return err
	}
	var more [1]byte
	switch _, err := io.ReadFull(b.plain, more[:]); {
	case err == io.EOF:
		return io.EOF
	case err != nil:
		return err
	}
	return fmt.Errorf("%w: something follows its end", ErrDamaged)
}

func (b *Reader) fill(p []byte) error {
	_, err := io.ReadFull(b.plain, p)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return cutOff()
	}
	return err
}

func (b *Reader) zeros(n int64) error {
	p := make([]byte, n)
	if err := b.fill(p); err != nil {
		return err
	}
	if len(bytes.Trim(p, "\x00")) > 0 {
		return fmt.Errorf("%w: something stands between two files", ErrDamaged)
	}
	return nil
}

func cutOff() error { return fmt.Errorf("%w: it ends too early", ErrDamaged) }

func padding(size int64) int64 { return -size & (block - 1) }

// headerBytes returns the blocks of a header, as archive/tar writes them.
func headerBytes(name string, size int64, made time.Time) ([]byte, error) {
	var b bytes.Buffer
	if err := tar.NewWriter(&b).WriteHeader(header(name, size, made)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
