package doctor

import (
	"context"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"store-events/tools/setup/toolchain"
)

const gib = 1 << 30

// Requirements of a first setup: its cache and Go's have 4 GiB together, and one of its
// compilations needs 2.5 GiB of memory. Spark, the database and the emulator need 2 GiB.
const (
	diskForSetup   = 6 * gib
	diskForRuns    = 1 * gib
	diskForState   = gib / 2
	memoryForBuild = 4 * gib
	memoryForRuns  = 2 * gib
)

// space checks disk and memory for the remaining steps.
func (o Options) space() []Finding {
	cache := o.cache()
	needed, what := uint64(diskForSetup), "a first setup needs 6 GiB"
	if _, err := os.Stat(filepath.Join(cache, "venv")); err == nil {
		needed, what = diskForRuns, "runs need 1 GiB"
	}
	var disk Finding
	free, err := o.Facts.FreeDisk(cache)
	switch {
	case err != nil:
		disk = warning("disk", "unknown: "+err.Error(), what)
	case free < needed:
		disk = failure("disk", fmt.Sprintf("%s free at %s: %s", size(free), cache, what), "free some space, or set STORE_EVENTS_CACHE to a folder of another disk")
	default:
		disk = ok("disk", "%s free at %s", size(free), cache)
	}
	return append([]Finding{disk}, append(o.state(), o.memory())...)
}

// state checks the disk of the state folder, which may be another one. The engine retries each write to a full disk for
// half a minute, so an update would take long to fail.
func (o Options) state() []Finding {
	if o.StateDir == "" {
		return nil
	}
	free, err := o.Facts.FreeDisk(o.StateDir)
	if err != nil || free >= diskForState {
		return nil
	}
	return []Finding{failure("state", fmt.Sprintf("%s free at %s: a local stack needs 0.5 GiB", size(free), o.StateDir), "free some space, or set STORE_EVENTS_STATE to a folder of another disk")}
}

func (o Options) memory() Finding {
	total, available, err := o.Facts.Memory()
	switch {
	case err != nil:
		return warning("memory", "unknown: "+err.Error(), "make sure that there are 4 GiB")
	case total < memoryForRuns:
		return failure("memory", size(total)+" in all: Spark, the database and the emulator need 2 GiB", "use a larger machine")
	case available < memoryForBuild:
		return warning("memory", fmt.Sprintf("%s of %s are available: a first setup may need 4 GiB", size(available), size(total)), "end other programs before the first setup")
	}
	return ok("memory", "%s of %s are available", size(available), size(total))
}

func (o Options) cache() string {
	if o.CacheDir != "" {
		return o.CacheDir
	}
	dir, err := toolchain.CacheDir()
	if err != nil {
		return os.TempDir()
	}
	return dir
}

func size(n uint64) string { return fmt.Sprintf("%.1f GiB", float64(n)/gib) }

// freeDisk returns the free bytes of the disk of the nearest existing folder.
func freeDisk(folder string) (uint64, error) {
	for {
		if _, err := os.Stat(folder); err == nil || folder == filepath.Dir(folder) {
			break
		}
		folder = filepath.Dir(folder)
	}
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, fmt.Errorf("free space of %s: %w", folder, err)
	}
	return s.Bavail * uint64(s.Bsize), nil //nolint:gosec,unconvert,nolintlint // The type differs by system, and a block size is positive.
}

// ports checks that the local stack can listen.
func (o Options) ports(ctx context.Context) []Finding {
	var all []Finding
	for _, name := range slices.Sorted(maps.Keys(o.Ports)) {
		port := o.Ports[name]
		check := "port " + strconv.Itoa(port)
		own := o.Own(port)
		switch {
		case !listens(ctx, port):
			all = append(all, ok(check, "free, for the %s", name))
		case own != "":
			all = append(all, ok(check, "used by %s", own))
		default:
			who := o.Facts.Listener(port)
			if who == "" {
				who = "another program"
			}
			all = append(all, failure(check, "used by "+who+"; the "+name+" needs it", portFix(name)))
		}
	}
	return all
}

func portFix(name string) string {
	if name == "local AWS" {
		return "end that program, or choose another port with STORE_EVENTS_PORT"
	}
	return "end that program, or choose another port with STORE_EVENTS_CONFIG=store-events:databasePort=13307"
}

func listens(ctx context.Context, port int) bool {
	d := net.Dialer{Timeout: time.Second}
	c, err := d.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

func sorted(names []string) string {
	slices.Sort(names)
	return strings.Join(names, ", ")
}
