// Package lab gives two stations bad hours: two processes that run the real
// program, agreed on a line over several routes, each of which is cut, one way
// alone, made to flap, given weather, and two stations that are killed and whose
// disks are filled.
//
// What happens is told by a script (docs/lab.md) or drawn from a seed (Soak).
// At the end all is mended, everything said must be proved, and both transcripts
// must verify and hold the same logs (Lab.Same). It needs no privilege, except
// to fill a disk, for which it mounts a small one.
//
// It finds nothing out about a station that an operator could not: it reads what
// the station's socket answers and what it exports. A seed fixes what is drawn,
// not how two processes interleave: a failure may need its seed more than once.
package lab
