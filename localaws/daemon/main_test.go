package daemon_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"localaws/daemon"
)

// TestMain also runs as the process that Start spawns, the test binary with the argument serve. With start it starts a
// daemon and exits.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == "start") {
		if err := serve(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// toolsVariable names the environment variable with the tools, as JSON.
const toolsVariable = "TEST_TOOLS"

func serve(args []string) error {
	var o daemon.Options
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&o.StateDir, "state", "", "")
	flags.StringVar(&o.Region, "region", "", "")
	flags.IntVar(&o.Port, "port", 0, "")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if err := json.Unmarshal([]byte(os.Getenv(toolsVariable)), &o.Tools); err != nil {
		return err
	}
	o.ExternalMySQL = os.Getenv("TEST_MYSQL_ACCOUNT")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if args[0] == "start" {
		o.Serve, o.EndsWithCaller = []string{"serve"}, true
		return daemon.Start(ctx, o)
	}
	return daemon.Run(ctx, o)
}
