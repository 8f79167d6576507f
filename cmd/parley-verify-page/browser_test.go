package main

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// browser is one page in a Chromium without a window, driven by its own protocol over
// a pipe: no port, no driver and no library.
type browser struct {
	t       *testing.T
	ctx     context.Context
	to      io.Writer
	from    *bufio.Reader
	id      int
	session string

	loaded   bool
	requests []string // addresses that the page asked for
	errors   []string // what the page complained of
}

// limit is how long a browser may take for all of a test; it is there for a machine on
// which it hangs.
const limit = 3 * time.Minute

// newBrowser opens a page. Without Chromium the test is skipped, and says so.
func newBrowser(t *testing.T, url string, width int) *browser {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		t.Skipf("SKIPPED: THE PAGE IS NOT TESTED IN A BROWSER: %v; on Debian: apt-get install chromium", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit) // it outlives the test, to be closed
	in, to, err := os.Pipe()
	must(t, err)
	from, out, err := os.Pipe()
	must(t, err)
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
		"--user-data-dir="+t.TempDir(), fmt.Sprintf("--window-size=%d,900", width), "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{in, out}
	must(t, cmd.Start())
	must(t, errors.Join(in.Close(), out.Close()))
	b := &browser{t: t, ctx: ctx, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		b.call("Browser.close", nil, nil)
		_ = cmd.Wait() // what a browser says of its end is of no interest
		cancel()
		_ = errors.Join(to.Close(), from.Close())
	})
	var made struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
	b.call("Page.navigate", map[string]any{"url": url}, nil)
	for !b.loaded {
		b.read("load the page")
	}
	return b
}

// call calls a method of the protocol and waits for its answer, noting events.
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	b.id++
	m := map[string]any{"id": b.id, "method": method}
	if params != nil {
		m["params"] = params
	}
	if b.session != "" && method != "Browser.close" {
		m["sessionId"] = b.session
	}
	text, err := json.Marshal(m)
	must(b.t, err)
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	for {
		m, ok := b.read(method)
		if !ok {
			return
		}
		if m.ID != b.id {
			continue
		}
		if m.Error != nil {
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		}
		if result != nil {
			must(b.t, json.Unmarshal(m.Result, result))
		}
		return
	}
}

// said is an answer of the browser, or an event.
type said struct {
	ID     int
	Method string
	Params struct {
		Request          struct{ URL string }
		ExceptionDetails struct{ Text string }
		Entry            struct{ Level, Text string }
	}
	Result json.RawMessage
	Error  *struct{ Message string }
}

// read reads what the browser says next, and keeps what tests ask about. It returns
// false if the browser has gone, as it may when it was told to.
func (b *browser) read(during string) (m said, ok bool) {
	b.t.Helper()
	text, err := b.from.ReadBytes(0)
	if err != nil {
		if during != "Browser.close" {
			b.t.Fatalf("%s: the browser has gone, or took more than %v: %v", during, limit, err)
		}
		return m, false
	}
	must(b.t, json.Unmarshal(text[:len(text)-1], &m))
	switch m.Method {
	case "Network.requestWillBeSent":
		b.requests = append(b.requests, m.Params.Request.URL)
	case "Runtime.exceptionThrown":
		b.errors = append(b.errors, m.Params.ExceptionDetails.Text)
	case "Log.entryAdded":
		if m.Params.Entry.Level == "error" {
			b.errors = append(b.errors, m.Params.Entry.Text)
		}
	case "Page.loadEventFired":
		b.loaded = true
	}
	return m, true
}

// eval returns what an expression, or its promise, comes to.
func (b *browser) eval(expression string) (value any) {
	b.t.Helper()
	var out struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true}, &out)
	if out.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, out.ExceptionDetails.Exception.Description)
	}
	return out.Result.Value
}

// wait waits until an expression is true.
func (b *browser) wait(expression string) {
	b.t.Helper()
	b.eval("new Promise((done) => { const look = () => (" + expression + ") ? done(true) : setTimeout(look, 20); look(); })")
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	s, _ := b.eval("document.querySelector(" + quote(selector) + ").innerText").(string)
	return s
}

// drop drops files on the page, as a person does.
func (b *browser) drop(files ...string) {
	b.t.Helper()
	for _, kind := range []string{"dragEnter", "dragOver", "drop"} {
		b.call("Input.dispatchDragEvent", map[string]any{"type": kind, "x": 300, "y": 300,
			"data": map[string]any{"items": []any{}, "files": files, "dragOperationsMask": 1}}, nil)
	}
}

// press presses a key.
func (b *browser) press(key string, code int) {
	b.t.Helper()
	p := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": code}
	if key == "Enter" {
		p["text"] = "\r"
	}
	b.call("Input.dispatchKeyEvent", p, nil)
	b.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code}, nil)
}

// picture keeps a picture of the whole page, where go test -artifacts is told to.
func (b *browser) picture(name string) {
	b.t.Helper()
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	must(b.t, err)
	if len(png) < 5000 {
		b.t.Errorf("the picture %s has %d bytes", name, len(png))
	}
	must(b.t, os.WriteFile(filepath.Join(b.t.ArtifactDir(), name+".png"), png, 0o644))
}

func quote(s string) string {
	b, _ := json.Marshal(s) // of a string: cannot fail
	return string(b)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
