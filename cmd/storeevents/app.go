package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"store-events/deploy"
	"store-events/program/project"
	"store-events/tools/setup/toolchain"
)

// app has what all commands share: the global flags and the output streams.
type app struct {
	out, err io.Writer

	project string
	state   string
	// stateGiven reports whether --state selects the folder, so that suggested commands need it too.
	stateGiven bool
	stack      string
	output     string
	port       int
	// given are the values of --config; config merges them with STORE_EVENTS_CONFIG.
	given   []string
	config  map[string]string
	verbose bool
	// quiet omits the engine's steps from the progress.
	quiet bool
	// as is the role that the engine's provider assumes; empty for none.
	as string
	// refresh reads the resources from AWS before a preview.
	refresh bool
	// args are the arguments of the process.
	args []string
	// command is the failed command, for advice on its error.
	command string
	// working shows the progress of the current command on a terminal; nil if it does not.
	working *runningCommand
	now     func() time.Time
	// resolver is set by tools.
	resolver *toolchain.Resolver
	// emulated is the endpoint to which tests deploy stacks whose settings are for AWS.
	emulated string
}

func newApp(out, err io.Writer, args ...string) *app {
	return &app{out: out, err: err, args: args, now: time.Now}
}

const rootLong = `storeevents operates a store-events stack: deploy it, send it events, load them,
query them, and check that nothing was lost or doubled.

The commands read the names of the resources from the stack's outputs. A stack whose
aws:endpoints are a loopback address, such as "local", runs on this machine; all
others run on AWS.`

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "storeevents",
		Short:         "Operate a store-events stack, on AWS or on this machine",
		Long:          rootLong,
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if worksAnywhere(cmd) {
				return a.checkFlags()
			}
			if err := a.prepare(); err != nil {
				return err
			}
			a.begin(cmd.CommandPath())
			return nil
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	f := root.PersistentFlags()
	f.StringVarP(&a.stack, "stack", "s", env("STORE_EVENTS_STACK", deploy.LocalStack), "stack to operate (STORE_EVENTS_STACK)")
	f.StringVarP(&a.output, "output", "o", "text", "output format: text or json")
	f.StringVar(&a.project, "project", "", "folder of the project (default: found from the current folder)")
	f.StringVar(&a.state, "state", os.Getenv("STORE_EVENTS_STATE"), "folder of all local state (STORE_EVENTS_STATE; default: .local in the project)")
	f.IntVar(&a.port, "port", envInt("STORE_EVENTS_PORT"), "port of the local AWS (STORE_EVENTS_PORT; default: the port in the stack's aws:endpoints)")
	f.StringArrayVarP(&a.given, "config", "c", nil, "override a setting of a local stack, such as jobWorkers=3 or aws:region=eu-west-1; repeatable (STORE_EVENTS_CONFIG: one per line)")
	f.BoolVarP(&a.verbose, "verbose", "v", false, `write the full log of "local serve" and "ui" to standard error, and show no progress line`)
	root.AddCommand(
		newUp(a), newPreview(a), newPreflight(a), newRehearse(a), newDown(a), newOutputs(a), newPause(a), newResume(a),
		newProduce(a), newCrawl(a), newIngest(a), newRun(a),
		newQuarantine(a), newBackfill(a), newMigrate(a), newRuns(a), newCurated(a),
		newQuery(a), newAthena(a), newStatus(a), newVerify(a), newPolicy(a),
		newDemo(a), newLocal(a),
		newUI(a), newReport(a),
		newInit(a), newContract(a), newVersion(a), newDoctor(a), newReference(),
	)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	refuseUnknownCommands(root)
	refuseUnknownTopics(root)
	suggestOtherNames(root)
	a.completeValues(root)
	return root
}

func env(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}

// envInt reads a number from the environment; prepare rejects other values.
func envInt(name string) int {
	v := os.Getenv(name)
	if v == "" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		return -1
	}
	return n
}

// checkFlags checks the global flags that do not need the project.
func (a *app) checkFlags() error {
	if !slices.Contains([]string{"text", "json"}, a.output) {
		return fmt.Errorf("--output %q: must be text or json", a.output)
	}
	if a.port < 0 || a.port > 65535 {
		return errors.New("--port or STORE_EVENTS_PORT: must be a number from 1 to 65535")
	}
	return nil
}

// prepare checks the global flags and resolves the folders.
func (a *app) prepare() error {
	if err := a.checkFlags(); err != nil {
		return err
	}
	var err error
	if a.config, err = overrides(os.Getenv("STORE_EVENTS_CONFIG"), a.given); err != nil {
		return err
	}
	if a.project == "" {
		a.project = "."
	}
	dir, err := project.Find(a.project)
	if err != nil {
		return err
	}
	a.project = dir
	a.stateGiven = a.state != os.Getenv("STORE_EVENTS_STATE")
	if a.state == "" {
		a.state = filepath.Join(dir, ".local")
	}
	if a.state, err = filepath.Abs(a.state); err != nil {
		return err
	}
	if info, err := os.Stat(a.state); err == nil && !info.IsDir() {
		return fmt.Errorf("--state %s: must be a folder", a.state)
	}
	return nil
}

func (a *app) log() *slog.Logger {
	level := slog.LevelWarn
	if a.verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: level}))
}
