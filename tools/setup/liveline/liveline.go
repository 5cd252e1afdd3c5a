// Package liveline shows progress in the last line of a terminal, below permanent lines.
package liveline

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

const (
	every     = 120 * time.Millisecond
	clearLine = "\r\x1b[K"
	spinner   = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
)

// Line is the last line of a terminal. The zero value, and nil, only print permanent lines.
type Line struct {
	mu      sync.Mutex
	w       io.Writer
	width   func() int
	text    func() string
	after   time.Time
	paused  bool
	shown   bool
	frame   int
	stop    chan struct{}
	stopped chan struct{}
}

// IsTerminal reports whether w is a terminal that moves its cursor.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// Start shows the result of text in the last line of w, after delay and until Stop. It
// calls text several times a second; the line is hidden while text returns "".
func Start(w io.Writer, delay time.Duration, text func() string) *Line {
	l := &Line{w: w, text: text, width: func() int { return Width(w) }, after: time.Now().Add(delay), stop: make(chan struct{}), stopped: make(chan struct{})}
	go l.tick()
	return l
}

// Print writes a permanent line.
func (l *Line) Print(w io.Writer, text string) {
	if l == nil {
		_, _ = fmt.Fprintln(w, text)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.erase()
	_, _ = fmt.Fprintln(w, text)
	l.draw()
}

// Pause removes the line until Resume, for example during a prompt.
func (l *Line) Pause() { l.pause(true) }

// Resume shows the line again.
func (l *Line) Resume() { l.pause(false) }

func (l *Line) pause(p bool) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.erase()
	l.paused = p
}

// Stop removes the line permanently. It may be called again.
func (l *Line) Stop() {
	if l == nil {
		return
	}
	l.mu.Lock()
	select {
	case <-l.stop:
	default:
		close(l.stop)
	}
	l.mu.Unlock()
	<-l.stopped
}

func (l *Line) tick() {
	defer close(l.stopped)
	t := time.NewTicker(every)
	defer t.Stop()
	for {
		select {
		case <-l.stop:
			l.mu.Lock()
			l.erase()
			l.paused = true
			l.mu.Unlock()
			return
		case <-t.C:
			l.mu.Lock()
			l.frame++
			l.draw()
			l.mu.Unlock()
		}
	}
}

func (l *Line) erase() {
	if l.shown {
		_, _ = io.WriteString(l.w, clearLine)
		l.shown = false
	}
}

func (l *Line) draw() {
	if l.paused || time.Now().Before(l.after) {
		return
	}
	text := l.text()
	if text == "" {
		l.erase()
		return
	}
	frames := []rune(spinner)
	text = string(frames[l.frame%len(frames)]) + " " + text
	_, _ = io.WriteString(l.w, clearLine+Cut(text, l.width()-1)) // A full line would wrap.
	l.shown = true
}

// Cut shortens text to width characters; it returns text unchanged if width is 0 or less.
func Cut(text string, width int) string {
	if width <= 0 || utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}

// Bar returns a bar of width characters, with a share from 0 to 1 filled.
func Bar(share float64, width int) string {
	done := int(min(max(share, 0), 1)*float64(width) + 0.5)
	return strings.Repeat("━", done) + strings.Repeat("╌", width-done)
}

// Left describes the remaining time: "about 8 s left", "about 5 min left".
func Left(d time.Duration) string {
	switch {
	case d < time.Second:
		return "soon done"
	case d < 90*time.Second:
		return fmt.Sprintf("about %.0f s left", d.Seconds())
	}
	return fmt.Sprintf("about %.0f min left", d.Minutes())
}

// Width returns the width of the terminal; 0 if w is not one.
func Width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return columns
		}
	}
	return 0
}
