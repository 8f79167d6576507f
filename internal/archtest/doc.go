// Package archtest holds who may import whom, and what the treaty may not do,
// as a test (DESIGN.md §3).
//
// It parses every Go file of the module itself, from the module root, and never
// asks `go list`: the test cache notices files that a test opens, and does not
// notice files that a child process opened (golang/go#30313), so a test that
// asks `go list` passes from the cache after a forbidden import was added.
//
// It holds no code of Parley's own and refuses none by taste: each rule guards
// a promise that DESIGN.md makes, and its message says which.
package archtest
