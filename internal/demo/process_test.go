package demo_test

import (
	"context"
	"os/exec"
	"strings"
	"testing"

	"parley/internal/demo"
)

func shell(script string) *exec.Cmd { return exec.Command("sh", "-c", script) }

func TestStart(t *testing.T) {
	p, err := demo.Start(t.Context(), shell("echo not yet; echo serving north; exec sleep 600"))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Running() {
		t.Error("it does not run")
	}
	if err := p.Kill(); err != nil || p.Running() {
		t.Errorf("it was not killed: %v", err)
	}
	if err := p.Kill(); err != nil {
		t.Errorf("killed again: %v", err)
	}
}

func TestStartFails(t *testing.T) {
	_, err := demo.Start(t.Context(), shell("echo observing; echo the disk is full >&2; exit 1"))
	if err == nil || !strings.Contains(err.Error(), "the disk is full") {
		t.Errorf("got %v", err)
	}
	if _, err := demo.Start(t.Context(), exec.Command("/nonexistent/parley")); err == nil {
		t.Error("a program that is not there was started")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := demo.Start(ctx, shell("exec sleep 600")); err == nil {
		t.Error("it was not given up")
	}
}
