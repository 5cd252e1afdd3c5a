// Command localaws runs AWS on one machine: Glue crawlers and Spark jobs with bookmarks, triggers, workflows, RDS,
// Lambda, S3 and more, with IAM authorization. See README.md of the module.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"

	"localaws/daemon"
	"localaws/tools"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run returns the exit status: 0 only if the command succeeded.
func run(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	c := &cli{out: stdout, err: stderr}
	root := newRoot(c)
	root.SetArgs(args)
	if err := root.ExecuteContext(ctx); err != nil {
		c.fail(err)
		return 1
	}
	return 0
}

// cli contains the global flags and the output streams.
type cli struct {
	out, err io.Writer

	state, output string
}

const (
	defaultState  = ".localaws"
	defaultPort   = "4566"
	defaultRegion = "us-east-1"
)

const rootLong = `localaws runs AWS on this machine, on 127.0.0.1, with all its state
in one folder. Any AWS client can use it, with the access key that "localaws env"
prints.

A JSON file contains the paths of the tools that it needs, see README.md. It needs
no containers.`

func newRoot(c *cli) *cobra.Command {
	root := &cobra.Command{
		Use: "localaws", Short: "Run AWS on this machine", Long: rootLong,
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if c.output != "text" && c.output != "json" {
				return fmt.Errorf("--output %s: must be text or json", c.output)
			}
			return nil
		},
	}
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.CompletionOptions.DisableDefaultCmd = true
	flags := root.PersistentFlags()
	flags.StringVar(&c.state, "state", fromEnv("LOCALAWS_STATE", defaultState), "folder for all state (LOCALAWS_STATE)")
	flags.StringVarP(&c.output, "output", "o", "text", "how to print the result: text or json")
	root.AddCommand(newStart(c), newServe(c), newStatus(c), newStop(c), newEnv(c), newDenied(c))
	return root
}

func fromEnv(variable, otherwise string) string {
	if value := os.Getenv(variable); value != "" {
		return value
	}
	return otherwise
}

// serveFlags are the flags of start and serve.
type serveFlags struct {
	port, region, tools, mysql string
}

func (f *serveFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.port, "port", fromEnv("LOCALAWS_PORT", defaultPort), "port of 127.0.0.1 (LOCALAWS_PORT)")
	cmd.Flags().StringVar(&f.region, "region", defaultRegion, "AWS region to serve")
	cmd.Flags().StringVar(&f.tools, "tools", os.Getenv(tools.Variable), "file with the paths of the tools ("+tools.Variable+"; default: localaws/tools.json in your cache folder)")
	cmd.Flags().StringVar(&f.mysql, "mysql-account", "", "file with the account of a MySQL server for RDS instances, instead of starting one")
}

// options returns the daemon's options from the flags and the file with the paths of the tools.
func (c *cli) options(f serveFlags) (daemon.Options, error) {
	file := f.tools
	if file == "" {
		var err error
		if file, err = tools.DefaultFile(); err != nil {
			return daemon.Options{}, err
		}
	}
	paths, err := tools.Read(file)
	if err != nil {
		return daemon.Options{}, fmt.Errorf("%w\n--tools or %s names another file; README.md shows its form", err, tools.Variable)
	}
	port, err := strconv.Atoi(f.port)
	if err != nil {
		return daemon.Options{}, fmt.Errorf("--port %s: must be a number", f.port)
	}
	return daemon.Options{
		StateDir: c.state, Port: port, Region: f.region, Tools: paths, ExternalMySQL: f.mysql,
		Serve: []string{"serve", "--tools", file, "--mysql-account", f.mysql},
		Advice: daemon.Advice{
			Credentials: "run `localaws env`",
			OtherPort:   "choose another with --port",
			StopOther:   "run `localaws stop` with its --state",
			Glue6:       "name it as glue6Python and glue6JarsDir in " + file,
			Reset:       "run `localaws stop` and delete the state folder",
		},
		Log: slog.New(slog.NewTextHandler(c.err, nil)),
	}, nil
}
