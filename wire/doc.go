// Package wire is the bytes of Parley: every format that crosses the line, as a
// struct, an Append that writes it and a Parse that reads it.
package wire
