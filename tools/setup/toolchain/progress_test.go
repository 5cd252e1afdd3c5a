package toolchain

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProgressPrintsALineForEachEvent(t *testing.T) {
	var out strings.Builder
	p := NewProgress(&out, false)
	p.Event(Event{Step: "pulumi", State: Building, Detail: "Pulumi CLI"})
	p.Event(Event{Step: "pulumi", State: Failed, Detail: "exit status 1\nmore", Elapsed: 61500 * time.Millisecond})
	p.Close()
	require.Equal(t, "setup pulumi          0.0 s  building  Pulumi CLI\n"+
		"setup pulumi         61.5 s  failed    exit status 1 more\n", out.String())
}

func TestLiveProgressShowsWhatIsAtWork(t *testing.T) {
	var out strings.Builder
	p := NewProgress(&out, true)
	p.Event(Event{Time: time.Now(), Step: "pulumi", State: Building})
	p.Event(Event{Time: time.Now(), Step: "jars", State: Fetching})
	p.Event(Event{Time: time.Now(), Step: "pulumi", State: Done})
	p.Close()
	require.Contains(t, out.String(), "jars fetching 0 s · pulumi building 0 s")
	require.True(t, strings.HasSuffix(out.String(), "jars fetching 0 s\r\x1b[K"), "%q", out.String())
}
