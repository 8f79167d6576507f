package backup

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
)

// Verify reads a backup through and returns what is in it: it opens, it is whole, and
// every file is what the manifest says. It writes nothing. Errors: ErrNoBackup,
// ErrKey, ErrDamaged, ErrNewer, or what the disk said.
func Verify(ctx context.Context, file string, ids Identities, o Options) (Manifest, error) {
	return read(ctx, file, ids, o, func(*Reader) error { return nil }, func(File, io.Reader) error { return nil })
}

// read opens a backup, and gives take each of its files.
func read(ctx context.Context, file string, ids Identities, o Options, begin func(*Reader) error, take func(File, io.Reader) error) (m Manifest, err error) {
	fail := func(err error) (Manifest, error) { return Manifest{}, fmt.Errorf("%s: %w", file, err) }
	f, err := os.Open(file)
	if err != nil {
		return Manifest{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Manifest{}, err
	}
	var done int64
	r, err := newReader(bufio.NewReaderSize(readerFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := f.Read(p)
		done += int64(n)
		o.tell(Opening, done, info.Size())
		return n, err
	}), 1<<20), ids)
	if err != nil {
		return fail(err)
	}
	if err := begin(r); err != nil {
		return Manifest{}, err
	}
	for {
		f, err := r.Next()
		if err == io.EOF {
			return r.Manifest, nil
		}
		if err == nil {
			err = take(f, r)
		}
		if err != nil {
			return fail(err)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
