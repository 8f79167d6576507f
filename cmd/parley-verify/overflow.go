//go:build !js

package main

import "io"

// overflow returns a file for what is too much for memory.
func overflow() (io.ReadWriteSeeker, error) { return temporary() }
