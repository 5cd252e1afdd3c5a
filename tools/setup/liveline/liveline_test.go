package liveline

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// screen is a writer for several goroutines.
type screen struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func TestLineIsBelowPermanentLinesAndRemovedAtTheEnd(t *testing.T) {
	var s screen
	l := Start(&s, 0, func() string { return "working" })
	require.Eventually(t, func() bool { return strings.Contains(s.text(), "working") }, 5*time.Second, 5*time.Millisecond)
	l.Print(&s, "one step is done")
	require.Contains(t, s.text(), clearLine+"one step is done\n"+clearLine)
	l.Stop()
	l.Stop()
	require.True(t, strings.HasSuffix(s.text(), clearLine), "%q", s.text())
	ended := s.text()
	l.Print(&s, "after it")
	require.Equal(t, ended+"after it\n", s.text(), "nothing is drawn again")
}

func TestFastOperationsShowNoLine(t *testing.T) {
	var s screen
	l := Start(&s, time.Hour, func() string { return "working" })
	l.Print(&s, "done")
	time.Sleep(3 * every)
	l.Stop()
	require.Equal(t, "done\n", s.text())
}

func TestPause(t *testing.T) {
	var s screen
	l := Start(&s, 0, func() string { return "working" })
	require.Eventually(t, func() bool { return strings.Contains(s.text(), "working") }, 5*time.Second, 5*time.Millisecond)
	l.Pause()
	paused := s.text()
	require.True(t, strings.HasSuffix(paused, clearLine))
	time.Sleep(3 * every)
	require.Equal(t, paused, s.text())
	l.Resume()
	require.Eventually(t, func() bool { return len(s.text()) > len(paused) }, 5*time.Second, 5*time.Millisecond)
	l.Stop()
}

func TestNilLineOnlyPrints(t *testing.T) {
	var s screen
	var l *Line
	l.Pause()
	l.Print(&s, "x")
	l.Resume()
	l.Stop()
	require.Equal(t, "x\n", s.text())
	require.False(t, IsTerminal(&s))
}

func TestTexts(t *testing.T) {
	require.Equal(t, "abc…", Cut("abcdef", 4))
	require.Equal(t, "abcdef", Cut("abcdef", 0))
	require.Equal(t, "━━╌╌", Bar(0.5, 4))
	require.Equal(t, "━━━━", Bar(1.5, 4))
	require.Equal(t, "soon done", Left(-time.Second))
	require.Equal(t, "about 8 s left", Left(8*time.Second))
	require.Equal(t, "about 5 min left", Left(5*time.Minute))
}
