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

func TestLiveProgressShowsRunningStepsAndTheTimeLeft(t *testing.T) {
	var out strings.Builder
	p := NewProgress(&out, false)
	p.Event(Event{Time: time.Now(), Step: StepPython, State: Cached})
	require.Empty(t, p.status(), "no step is running")
	p.Event(Event{Time: time.Now(), Step: StepPulumi, State: Building, Elapsed: 50 * time.Second})
	p.Event(Event{Time: time.Now(), Step: StepProviders, State: Fetching})
	require.Regexp(t, `^━+╌+ +about 5 min left  providers fetching 0 s · pulumi building 50 s$`, p.status())
	p.Event(Event{Time: time.Now(), Step: StepProviders, State: Done})
	p.Event(Event{Time: time.Now(), Step: StepPulumi, State: Building, Elapsed: 500 * time.Second})
	require.Contains(t, p.status(), "soon done", "longer than usual")
	p.Event(Event{Time: time.Now(), Step: StepPulumi, State: Done})
	require.Empty(t, p.status())
	p.Close()
}

func TestEveryStepHasATypicalTime(t *testing.T) {
	for _, s := range (&toolchain{}).steps() {
		require.NotZero(t, typical[s.name], s.name)
	}
}
