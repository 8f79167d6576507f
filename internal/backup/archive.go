package backup

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"
)

// A backup is an age file (age-encryption.org/v1) that holds a tar archive: the
// manifest, then the files it lists, in its order. So age and tar take it apart where
// no parley is at hand. The archive has one writing: every header is what archive/tar
// makes of the manifest, and a reader compares, instead of believing headers.

const (
	manifestFile = "MANIFEST"
	block        = 512 // of tar
)

// errChanged is returned when a file is not the one that the manifest was made of.
var errChanged = errors.New("it changed while the backup was made")

// header returns the header of a file in the archive.
func header(name string, size int64, made time.Time) *tar.Header {
	return &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: made}
}

// write writes the backup that the manifest describes, and returns when w has it
// all. open returns a file by its name; told, of how many bytes of files are written.
func write(w io.Writer, m Manifest, to Recipients, open func(name string) (io.ReadCloser, error), told func(int64)) error {
	if err := m.check(); err != nil {
		return err
	}
	sealed, err := age.Encrypt(w, to...)
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	if err := writeArchive(sealed, m, open, told); err != nil {
		return err
	}
	return sealed.Close()
}

// writeArchive writes what is sealed.
func writeArchive(w io.Writer, m Manifest, open func(name string) (io.ReadCloser, error), told func(int64)) error {
	t := tar.NewWriter(w)
	text := m.text()
	err := t.WriteHeader(header(manifestFile, int64(len(text)), m.Made))
	if err == nil {
		_, err = t.Write(text)
	}
	var done int64
	for _, f := range m.Files {
		if err != nil {
			break
		}
		err = writeFile(t, m, f, open, func(n int64) { told(done + n) })
		done += f.Size
	}
	if err != nil {
		return err
	}
	return t.Close()
}

func writeFile(t *tar.Writer, m Manifest, f File, open func(string) (io.ReadCloser, error), told func(int64)) error {
	r, err := open(f.Name)
	if err != nil {
		return err
	}
	if err := t.WriteHeader(header(f.Name, f.Size, m.Made)); err != nil {
		return errors.Join(err, r.Close())
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(t, sum, counter(told)), io.LimitReader(r, f.Size))
	err = errors.Join(err, r.Close())
	if err == nil && (n != f.Size || !bytes.Equal(sum.Sum(nil), f.Hash[:])) {
		err = errChanged
	}
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	return nil
}

// counter is a writer that tells how much was written to it.
func counter(told func(int64)) io.Writer {
	var n int64
	return writerFunc(func(p []byte) (int, error) {
		n += int64(len(p))
		told(n)
		return len(p), nil
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
