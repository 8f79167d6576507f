package lab_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"parley/internal/home"
)

// stationVariable makes the test binary run the station of the folder it names.
const stationVariable = "PARLEY_TEST_STATION"

func TestMain(m *testing.M) {
	if dir := os.Getenv(stationVariable); dir != "" {
		os.Exit(serve(dir))
	}
	os.Exit(m.Run())
}

// serve does what parley serve does.
func serve(dir string) int {
	h, err := home.Open(dir)
	if err == nil {
		err = home.Serve(context.Background(), h, home.ServeOptions{
			Log: os.Stderr, Ready: func([]home.LineState) { fmt.Println("serving") },
		})
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// station returns the command that runs the station of a folder in a process of
// its own.
func station(t testing.TB) func(dir string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return func(dir string) *exec.Cmd {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), stationVariable+"="+dir)
		return cmd
	}
}
