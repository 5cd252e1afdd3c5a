package main

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"localaws/daemon"
	"localaws/database"
	"store-events/cmd/storeevents/page"
)

func newLocalStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show whether the local AWS is running, its address, and the state of its parts",
		Args:  noArguments,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.localStatus(cmd) },
	}
}

func (a *app) localStatus(cmd *cobra.Command) error {
	s, err := daemon.GetStatus(cmd.Context(), a.state)
	if err != nil {
		return err
	}
	return a.print(s, func(w *page.Page) { writeLocalStatus(w, s) })
}

func writeLocalStatus(w *page.Page, s daemon.Status) {
	switch {
	case !s.Running:
		w.Println("not running")
	case s.Health == nil:
		w.Printf("process %d at %s does not respond\n", s.PID, s.URL)
	default:
		w.Printf("running at %s, process %d\n", s.URL, s.PID)
		emulator := "does not respond"
		if s.Health.Emulator.Healthy {
			emulator = "running"
		}
		w.Printf("gateway: running, region %s, state in %s\n", s.Health.Daemon.Region, s.Health.StateDir)
		w.Printf("emulator: %s, process %d\n", emulator, s.Health.Emulator.PID)
		if len(s.Health.Databases) == 0 {
			w.Println("databases: none created yet")
		}
		for _, d := range s.Health.Databases {
			w.Println(databaseLine(d))
		}
	}
}

// databaseLine describes a database server and its state in one line.
func databaseLine(d database.Status) string {
	product := strings.TrimSpace(d.Engine + " " + d.Version)
	if product == "" {
		product = "your own server"
	}
	state := "running"
	switch {
	case d.Error != "":
		state = d.Error
	case d.Stopped:
		state = "stopped"
	case !d.Running:
		state = "not running"
	}
	return fmt.Sprintf("database %s: %s at %s, %s", d.ID, product, net.JoinHostPort(d.Host, strconv.Itoa(d.Port)), state)
}
