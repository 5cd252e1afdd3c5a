package toolchain

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/tools/setup/internal/files"
)

// rig is a toolchain of fake steps in an empty cache.
type rig struct {
	*toolchain
	mu     sync.Mutex
	events []Event
}

func newRig(t *testing.T) *rig {
	r := &rig{}
	r.toolchain = &toolchain{memory: memoryForBuilders, cache: t.TempDir(), finds: newFinds(), report: newReporter(func(e Event) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.events = append(r.events, e)
	})}
	return r
}

// states returns the states of a step, in order.
func (r *rig) states(step string) (all []State) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.events {
		if e.Step == step {
			all = append(all, e.State)
		}
	}
	return all
}

// fake returns a step whose build writes its output.
func (r *rig) fake(name string, work func(ctx context.Context, j *job) error) step {
	out := r.in("out", name)
	return step{
		name:    name,
		inputs:  func() (inputs, error) { return inputs{Recipe: "1"}, nil },
		outputs: []string{out},
		build: func(ctx context.Context, j *job) error {
			if work != nil {
				if err := work(ctx, j); err != nil {
					return err
				}
			}
			return files.Write(out, []byte(name))
		},
	}
}

func TestDownloadsRunConcurrently(t *testing.T) {
	r := newRig(t)
	var started sync.WaitGroup
	started.Add(4)
	var steps []step
	for _, name := range []string{"a", "b", "c", "d"} {
		s := r.fake(name, nil)
		s.fetch = func(context.Context, *job) error {
			started.Done()
			started.Wait() // all four must be running to continue
			return nil
		}
		steps = append(steps, s)
	}
	require.NoError(t, r.run(t.Context(), steps))
	require.Equal(t, []State{Fetching, Queued, Building, Done}, r.states("a"))
}

func TestBuildsTakeTurns(t *testing.T) {
	r := newRig(t)
	var now, most atomic.Int32
	var steps []step
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		steps = append(steps, r.fake(name, func(context.Context, *job) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(20 * time.Millisecond)
			return nil
		}))
	}
	require.NoError(t, r.run(t.Context(), steps))
	require.EqualValues(t, builders, most.Load())
}

// On a machine with 4 GiB the kernel would kill one of two compilers.
func TestPackagesAreBuiltOneAtATimeWithLittleMemory(t *testing.T) {
	tc := &toolchain{memory: 3 << 30}
	turns := tc.turns()
	require.True(t, turns.TryAcquire(1))
	require.False(t, turns.TryAcquire(1))
	c := tc.compile("dir", "out", "", "./a")
	require.Subset(t, c.args, []string{"-p", "1"})
	require.Contains(t, c.env, "GOMEMLIMIT=2500MiB")
}

func TestCompilersUseHalfOfTheMemory(t *testing.T) {
	tc := &toolchain{memory: 16 << 30}
	require.True(t, tc.turns().TryAcquire(builders))
	c := tc.compile("dir", "out", "", "./a")
	require.NotContains(t, c.args, "-p")
	require.Contains(t, c.env, "GOMEMLIMIT=4096MiB")
}

func TestStepsWaitForTheirDependencies(t *testing.T) {
	r := newRig(t)
	first := r.fake("first", func(context.Context, *job) error {
		time.Sleep(20 * time.Millisecond)
		return nil
	})
	second := r.fake("second", func(context.Context, *job) error {
		if !files.Exists(r.in("out", "first")) {
			return errors.New("ran too early")
		}
		return nil
	})
	second.needs = []string{"first"}
	require.NoError(t, r.run(t.Context(), []step{second, first}))
}

func TestDoneStepsAreSkippedUntilTheirInputsChange(t *testing.T) {
	r := newRig(t)
	runs := 0
	s := r.fake("tool", func(context.Context, *job) error { runs++; return nil })
	require.NoError(t, r.run(t.Context(), []step{s}))
	require.NoError(t, r.run(t.Context(), []step{s}))
	require.Equal(t, 1, runs)
	require.Equal(t, []State{Queued, Building, Done, Cached}, r.states("tool"))

	s.inputs = func() (inputs, error) { return inputs{Recipe: "2"}, nil }
	require.NoError(t, r.run(t.Context(), []step{s}))
	require.Equal(t, 2, runs)

	require.NoError(t, os.Remove(r.in("out", "tool")))
	require.NoError(t, r.run(t.Context(), []step{s}))
	require.Equal(t, 3, runs, "its result was removed")
}

func TestInstalledToolsAreNotBuilt(t *testing.T) {
	r := newRig(t)
	s := r.fake("tool", func(context.Context, *job) error { return errors.New("built") })
	s.find = func(context.Context) string { return "/usr/bin/tool" }
	s.needs = []string{"slow"}
	slow := r.fake("slow", nil)
	require.NoError(t, r.run(t.Context(), []step{s, slow}))
	require.Equal(t, []State{Found}, r.states("tool"))

	r.ignorePath = true
	require.ErrorContains(t, r.run(t.Context(), []step{s, slow}), "built")
}

func TestFailureNamesTheStepAndResumes(t *testing.T) {
	r := newRig(t)
	broken := true
	runs := 0
	good := r.fake("good", func(context.Context, *job) error { runs++; return nil })
	bad := r.fake("bad", func(ctx context.Context, j *job) error {
		if !broken {
			return nil
		}
		if err := j.run(ctx, command{args: []string{"echo", "compiling"}}); err != nil {
			return err
		}
		return j.run(ctx, command{args: []string{"sh", "-c", "echo disk is full >&2; exit 3"}})
	})
	bad.needs = []string{"good"}
	err := r.run(t.Context(), []step{good, bad})
	var failed *StepError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "bad", failed.Step)
	require.Equal(t, "disk is full", failed.Tail)
	require.Equal(t, r.in("log", "bad.log"), failed.Log)
	require.ErrorContains(t, err, "setup step bad failed: sh -c echo disk is full >&2; exit 3: exit status 3\n")
	require.ErrorContains(t, err, "  | disk is full\n")
	require.ErrorContains(t, err, "Run the same again")
	require.Equal(t, []State{Queued, Building, Failed}, r.states("bad"))

	broken = false
	require.NoError(t, r.run(t.Context(), []step{good, bad}))
	require.Equal(t, 1, runs, "finished steps are kept")
}

func TestFailureStopsTheOthers(t *testing.T) {
	r := newRig(t)
	pid := r.in("pid")
	long := r.fake("long", func(ctx context.Context, j *job) error {
		return j.run(ctx, command{args: []string{"sh", "-c", "sleep 60 & echo $! > " + pid + ".new; mv " + pid + ".new " + pid + "; wait"}})
	})
	bad := r.fake("bad", func(context.Context, *job) error {
		for !files.Exists(pid) {
			time.Sleep(5 * time.Millisecond)
		}
		return errors.New("no such package")
	})
	require.ErrorContains(t, r.run(t.Context(), []step{long, bad}), "no such package")
	require.Equal(t, []State{Queued, Building, Stopped}, r.states("long"))
	require.False(t, files.Exists(r.markerFile(long)))
	requireGone(t, pid)
}

func TestInterruptEndsChildren(t *testing.T) {
	r := newRig(t)
	pid := r.in("pid")
	ctx, cancel := context.WithCancel(t.Context())
	s := r.fake("long", func(ctx context.Context, j *job) error {
		go func() {
			for !files.Exists(pid) {
				time.Sleep(5 * time.Millisecond)
			}
			cancel()
		}()
		return j.run(ctx, command{args: []string{"sh", "-c", "sleep 60 & echo $! > " + pid + ".new; mv " + pid + ".new " + pid + "; wait"}})
	})
	require.ErrorIs(t, r.run(ctx, []step{s}), context.Canceled)
	requireGone(t, pid)
}

// requireGone checks that the process whose ID is in the file has ended.
func requireGone(t *testing.T, pidFile string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Clean(pidFile))
	require.NoError(t, err)
	pid := atoi(string(b))
	require.Eventually(t, func() bool {
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || zombie(pid)
	}, 5*time.Second, 10*time.Millisecond, "process %d still runs", pid)
}
