package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"localaws/daemon"
	"store-events/cmd/storeevents/page"
	"store-events/deploy"
	"store-events/internal/plural"
	"store-events/tools/setup/doctor"
)

func newDoctor(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check this machine: tools, memory, disk, ports, credentials",
		Long: `Check the requirements of the setup and the local stack on this machine, and print a
fix for each problem. Nothing is changed, and no credential is shown. The command
fails if a problem would stop "make demo". "make doctor" does the same before
anything is set up.`,
		Args:        noArguments,
		Annotations: anywhere(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			a.begin(cmd.CommandPath())
			findings := doctor.Run(cmd.Context(), a.doctorOptions(cmd.Context()))
			if err := a.print(findings, func(w *page.Page) { writeFindings(w, findings) }); err != nil {
				return err
			}
			if doctor.Failed(findings) {
				return &reportedError{errors.New("`make demo` would fail on this machine")}
			}
			return nil
		},
	}
}

// doctorOptions returns the ports of the local stack, and which of its parts run.
func (a *app) doctorOptions(ctx context.Context) doctor.Options {
	if a.prepare() != nil {
		return doctor.Options{}
	}
	o := doctor.Options{ProjectDir: a.project, StateDir: a.state, Ports: map[string]int{}}
	local := *a
	local.stack = deploy.LocalStack
	if endpoint, err := local.endpoint(); err == nil {
		if port, err := portOf(endpoint); err == nil {
			o.Ports["local AWS"] = port
		}
	}
	if cfg, err := local.checkConfig(); err == nil {
		o.Ports["local database"] = cfg.Database.Port
	}
	if s, err := daemon.GetStatus(ctx, a.state); err == nil && s.Running {
		o.Own = func(port int) string { return owner(s, port) }
	}
	return o
}

// owner returns the part of the running local AWS that listens on a port.
func owner(s daemon.Status, port int) string {
	if strings.HasSuffix(s.URL, ":"+strconv.Itoa(port)) {
		return fmt.Sprintf("this project's local AWS, process %d", s.PID)
	}
	if s.Health != nil {
		for _, d := range s.Health.Databases {
			if d.Port == port {
				return "this project's local database"
			}
		}
	}
	return ""
}

func writeFindings(w *page.Page, findings []doctor.Finding) {
	colors := map[doctor.Status]func(string) string{doctor.OK: w.Green, doctor.Warning: w.Yellow, doctor.Error: w.Red}
	counts := map[doctor.Status]int{}
	for _, f := range findings {
		counts[f.Status]++
		status := fmt.Sprintf("%-8s", f.Status)
		w.Raw(colors[f.Status](status))
		w.Println(strings.TrimPrefix(f.Text(), status))
	}
	w.Printf("%d ok, %s, %s\n", counts[doctor.OK], plural.Count(counts[doctor.Warning], "warning"), plural.Count(counts[doctor.Error], "error"))
}
