package doctor

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"store-events/tools/setup/toolchain"
)

// setup checks what is set up already, and whether the command line is up to date with
// its source.
func (o Options) setup(ctx context.Context) []Finding {
	const check, fix = "setup", "run `make setup`; `make demo` does it too"
	if o.ProjectDir == "" {
		return []Finding{warning("project", "not in a checkout of store-events: its parts are not checked", "run this inside the repository")}
	}
	states, err := toolchain.States(ctx, toolchain.Options{ProjectDir: o.ProjectDir, CacheDir: o.CacheDir})
	if err != nil {
		return []Finding{warning(check, err.Error(), fix)}
	}
	var missing []string
	program := ok("storeevents", "bin/storeevents is as new as its source")
	for _, s := range states {
		switch {
		case s.Ready:
		case s.Name != toolchain.StepProject:
			missing = append(missing, s.Name)
		case exists(filepath.Join(o.ProjectDir, "bin", "storeevents")):
			program = warning("storeevents", "bin/storeevents is older than its source", fix)
		default:
			program = warning("storeevents", "bin/storeevents is not built yet", fix)
		}
	}
	if len(missing) == 0 {
		return []Finding{ok(check, "complete in %s", o.cache()), program}
	}
	detail := "missing or out of date in " + o.cache() + ": " + strings.Join(missing, ", ")
	if toolchain.SlowSteps(missing) {
		detail += "; building the engine or the providers takes about ten minutes"
	}
	return []Finding{warning(check, detail, fix), program}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}
