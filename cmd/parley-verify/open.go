//go:build !js

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// input is a file that is read at any place.
type input struct {
	source io.ReaderAt
	size   int64
	close  func() error
}

// open opens a file by its name; "-" is standard input. What can be read only once,
// from its beginning to its end, is copied to a temporary file first: a transcript is
// read three times.
func open(name string, stdin io.Reader) (input, error) {
	if name == "-" {
		return copied(stdin)
	}
	f, err := os.Open(name)
	if err != nil {
		return input{}, err
	}
	st, err := f.Stat()
	switch {
	case err != nil:
	case st.IsDir():
		err = fmt.Errorf("%q is a directory", name)
	case !st.Mode().IsRegular():
		in, err := copied(f)
		return in, errors.Join(err, f.Close())
	default:
		return input{f, st.Size(), f.Close}, nil
	}
	return input{}, errors.Join(err, f.Close())
}

func copied(from io.Reader) (input, error) {
	f, err := temporary()
	if err != nil {
		return input{}, err
	}
	size, err := io.Copy(f, from)
	if err != nil {
		return input{}, errors.Join(fmt.Errorf("copy what cannot be read twice: %w", err), f.Close())
	}
	return input{f, size, f.Close}, nil
}

// temporary returns a file that is gone once it is closed.
func temporary() (*os.File, error) {
	f, err := os.CreateTemp("", "parley-verify-")
	if err != nil {
		return nil, fmt.Errorf("a temporary file is needed: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
