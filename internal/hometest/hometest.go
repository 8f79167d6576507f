// Package hometest lets a test binary be a station, so that tests can kill one as
// the machine would: a process of its own that does what parley serve does. Such
// a station can be told to behave badly (orders.go), which no shipped program can.
package hometest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"parley/internal/home"
)

// variable makes the test binary run the station of the folder it names.
const variable = "PARLEY_TEST_STATION"

// Main is the TestMain of a package whose tests use Station. It does not return.
func Main(m *testing.M) {
	if dir := os.Getenv(variable); dir != "" {
		os.Exit(serve(dir))
	}
	os.Exit(m.Run())
}

// serve does what parley serve does, under the orders that come by standard input.
func serve(dir string) int {
	o := newOrders()
	h, err := home.Open(dir)
	if err == nil {
		go o.read(os.Stdin)
		err = home.Serve(context.Background(), h, home.ServeOptions{
			Log: os.Stderr, Ready: func([]home.LineState) { fmt.Println("serving") },
			Now: o.now, Through: o.through,
		})
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// Station returns what makes the command that runs the station of a folder in a
// process of its own.
func Station(t testing.TB) func(dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func(dir string) *exec.Cmd {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), variable+"="+dir)
		return cmd
	}
}
