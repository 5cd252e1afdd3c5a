package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"store-events/deploy"
	"store-events/tools/setup/liveline"
	"store-events/tools/setup/toolchain"
)

// liveAfter is how long a command runs before its terminal shows progress.
const liveAfter = 2 * time.Second

// withoutLine are the commands without a progress line: they prompt on the terminal, or run
// until they are interrupted.
var withoutLine = []string{"init", "local serve"}

// usualTimes are typical durations of commands on the local stack, until this machine has
// its own measurements.
var usualTimes = map[string]time.Duration{
	"up": 15 * time.Second, "demo": 40 * time.Second, "ingest": 9 * time.Second, "run": 12 * time.Second, "rehearse": 15 * time.Second,
}

// runningCommand shows the progress of a command on a terminal.
type runningCommand struct {
	line  *liveline.Line
	name  string // The command and its stack.
	began time.Time
	usual time.Duration // 0 if unknown.

	mu   sync.Mutex
	last string // Last progress message.
}

// begin shows a progress line on a terminal if the command takes longer than liveAfter, with a bar and
// the time left if its usual duration is known.
func (a *app) begin(command string) {
	command = strings.TrimPrefix(command, "storeevents ")
	if slices.Contains(withoutLine, command) || a.verbose || !liveline.IsTerminal(a.err) {
		return
	}
	w := &runningCommand{name: command + " of " + a.stack, began: time.Now()}
	w.usual = readTimes()[w.name]
	if w.usual == 0 && a.stack == deploy.LocalStack {
		w.usual = usualTimes[command]
	}
	w.line = liveline.Start(a.err, liveAfter, w.text)
	a.working = w
}

// end removes the line, and stores the command's duration if it succeeded.
func (a *app) end(err error) {
	if a.working == nil {
		return
	}
	a.working.line.Stop()
	if took := time.Since(a.working.began); err == nil && took > liveAfter {
		rememberTime(a.working.name, took)
	}
	a.working = nil
}

// pauseLine removes the line while the user types, and returns a function that shows it
// again. The time of the user does not count.
func (a *app) pauseLine() (resume func()) {
	w := a.working
	if w == nil {
		return func() {}
	}
	w.line.Pause()
	return func() {
		w.mu.Lock()
		w.began = time.Now()
		w.mu.Unlock()
		w.line.Resume()
	}
}

func (w *runningCommand) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	took := time.Since(w.began)
	text := fmt.Sprintf("%.0f s", took.Seconds())
	if w.usual > 0 {
		text = liveline.Bar(float64(took)/float64(w.usual), 20) + " " + liveline.Left(w.usual-took)
	}
	return strings.TrimSpace(text + "  " + w.last)
}

func (w *runningCommand) report(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = strings.TrimSpace(strings.ReplaceAll(text, "\n", " "))
}

// timesFile returns the file with the durations of commands. It is only a cache.
func timesFile() string {
	cache, err := toolchain.CacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "times.json")
}

func readTimes() map[string]time.Duration {
	times := map[string]time.Duration{}
	if raw, err := os.ReadFile(timesFile()); err == nil {
		_ = json.Unmarshal(raw, &times) // An invalid file counts as empty.
	}
	return times
}

func rememberTime(name string, took time.Duration) {
	times := readTimes()
	times[name] = took.Round(100 * time.Millisecond)
	if raw, err := json.Marshal(times); err == nil {
		_ = os.WriteFile(timesFile(), raw, 0o600) // Only a cache.
	}
}
