// Package doctor finds problems of a machine before a setup or a demo fails on it. It
// changes nothing, and does not print credentials.
package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"store-events/tools/setup/internal/memory"
)

// Status is the severity of a finding.
type Status string

// The statuses, from the best to the worst.
const (
	OK      Status = "ok"
	Warning Status = "warning"
	// Error would stop `make demo`.
	Error Status = "error"
)

// Finding is the result of one check.
type Finding struct {
	Check  string `json:"check"`
	Status Status `json:"status"`
	Detail string `json:"detail"`
	// Fix describes how to fix it; empty if the status is OK.
	Fix string `json:"fix,omitempty"`
}

// Options configure the checks. The zero value checks this machine for the local stack
// of the repository.
type Options struct {
	// ProjectDir is the checkout; if it is "", its parts are not checked.
	ProjectDir string
	// CacheDir is the folder of the setup, by default the setup's default.
	CacheDir string
	// StateDir is the folder of the local stacks; if it is "", its disk is not checked.
	StateDir string
	// Ports are the ports of the local stack, by their use.
	Ports map[string]int
	// Own returns which part of this project uses a port, or "" if another program does.
	Own func(port int) string
	// Facts about the machine; nil means that the system is queried.
	Facts *Facts
}

// Facts are information from the system.
type Facts struct {
	OS, Arch string
	// FreeDisk returns the free bytes of the disk that has a folder.
	FreeDisk func(folder string) (uint64, error)
	// Memory returns the total and the available bytes of memory.
	Memory func() (total, available uint64, err error)
	// Listener returns the process that listens on a port of this machine, as "name,
	// process 12"; "" if it is unknown.
	Listener func(port int) string
}

// Run runs all checks, the most important ones first.
func Run(ctx context.Context, o Options) []Finding {
	if o.Facts == nil {
		o.Facts = &Facts{OS: runtime.GOOS, Arch: runtime.GOARCH, FreeDisk: freeDisk, Memory: memory.Read, Listener: listener}
	}
	if o.Ports == nil {
		o.Ports = map[string]int{"local AWS": 4566, "local database": 13306}
	}
	if o.Own == nil {
		o.Own = func(int) string { return "" }
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	findings := []Finding{o.platform()}
	findings = append(findings, tools(ctx)...)
	findings = append(findings, o.space()...)
	findings = append(findings, o.ports(ctx)...)
	findings = append(findings, engine(ctx)...)
	findings = append(findings, o.setup(ctx)...)
	return append(findings, credentials(os.Getenv)...)
}

// Failed reports whether a finding would stop `make demo`.
func Failed(findings []Finding) bool {
	for _, f := range findings {
		if f.Status == Error {
			return true
		}
	}
	return false
}

// Text formats a finding in one or two lines.
func (f Finding) Text() string {
	text := fmt.Sprintf("%-8s %-16s %s", f.Status, f.Check, f.Detail)
	if f.Fix != "" {
		text += fmt.Sprintf("\n%-8s %-16s -> %s", "", "", f.Fix)
	}
	return text
}

// Write writes the findings as lines, or as one JSON document.
func Write(w io.Writer, findings []Finding, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		return enc.Encode(findings)
	}
	for _, f := range findings {
		if _, err := fmt.Fprintln(w, f.Text()); err != nil {
			return err
		}
	}
	return nil
}

func ok(check, format string, args ...any) Finding {
	return Finding{Check: check, Status: OK, Detail: fmt.Sprintf(format, args...)}
}

func warning(check, detail, fix string) Finding { return Finding{check, Warning, detail, fix} }

func failure(check, detail, fix string) Finding { return Finding{check, Error, detail, fix} }
