package daemon_test

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"localaws/daemon"
)

// TestMain is also what Start spawns: the test's executable with the arguments
// of `local serve`.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "local" && os.Args[2] == "serve" {
		if err := serve(os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, "error:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serve(args []string) error {
	var o daemon.Options
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.StringVar(&o.StateDir, "state", "", "")
	flags.StringVar(&o.ProjectDir, "project", "", "")
	flags.StringVar(&o.Region, "region", "", "")
	flags.IntVar(&o.Port, "port", 0, "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	o.Tools = daemon.Tools{
		Ministack: os.Getenv("TEST_MINISTACK"), Database: os.Getenv("TEST_DATABASE"),
		GluePython: os.Getenv("TEST_PYTHON"), JarsDir: os.Getenv("TEST_JARS"), AwsglueDir: os.Getenv("TEST_AWSGLUE"),
	}
	o.ExternalMySQL = os.Getenv("TEST_MYSQL_ACCOUNT")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return daemon.Run(ctx, o)
}
