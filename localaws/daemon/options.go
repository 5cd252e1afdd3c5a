// Package daemon runs AWS on one machine: the emulator, the services that the emulator only stubs, the databases, and
// the gateway in front of them. It runs as a daemon with all its state in one folder.
package daemon

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"localaws/database"
	"localaws/process"
	"localaws/tools"
)

// Options configure the daemon.
type Options struct {
	// StateDir is the folder for all state.
	StateDir string
	// Port is the gateway's port on 127.0.0.1.
	Port   int
	Region string
	// Serve contains the arguments with which this executable calls Run. Start adds --state, --port and --region.
	Serve []string
	// EndsWithCaller makes the daemon end when the process that called Start ends, even if that is killed, and then
	// remove the state folder, with the caller's files in it.
	EndsWithCaller bool
	Tools          tools.Paths // for Run
	// ExternalMySQL is a file with the account of a MySQL server that Run uses instead of starting one, in the format
	// of database.OpenExternal.
	ExternalMySQL string
	// Advice is part of error messages. It depends on the program that runs the local AWS.
	Advice Advice
	Log    *slog.Logger
}

// Advice contains instructions for error messages, each the end of a sentence after a colon or "or".
type Advice struct {
	// Credentials is how to get the access key of this local AWS.
	Credentials string
	// OtherPort is how to choose another port.
	OtherPort string
	// StopOther is how to stop the local AWS of another state folder.
	StopOther string
	// Glue6 is how to install the runtime of Glue 6.0 jobs.
	Glue6 string
	// Reset is how to delete the state and start again.
	Reset string
}

// untilStdinEnds is the environment variable of a daemon that ends when its standard input is closed.
const untilStdinEnds = "LOCALAWS_UNTIL_STDIN_ENDS"

// unsupported are characters that Spark or Python's module path treat specially in paths of jobs' files.
const unsupported = `#*,:?[\]{}`

// Files in the state folder.
const (
	lockFile    = "daemon.lock"
	startLock   = "start.lock"
	recordFile  = "daemon.json"
	logFile     = "daemon.log"
	serviceFile = "services.db"
	// accountFile contains the user's limits of the account, see README.md.
	accountFile = "account.json"

	databaseFolder = "database"
	awsglueFolder  = "awsglue"
)

// GatewayURL returns the address of the local AWS.
func (o Options) GatewayURL() string { return "http://" + address(o.Port) }

// DatabaseCA returns the PEM file of the certificate authority for the databases of a state folder, which a running
// local AWS creates. An external MySQL server has a different authority.
func DatabaseCA(stateDir string) string {
	return database.CAFile(filepath.Join(stateDir, databaseFolder))
}

// env returns environment variables for every process of this local AWS.
func (o Options) env() []string {
	env := []string{process.Mark + "=" + o.StateDir}
	if o.Tools.JavaHome != "" {
		env = append(env, "JAVA_HOME="+o.Tools.JavaHome)
	}
	return env
}

func (o Options) in(name string) string { return filepath.Join(o.StateDir, name) }

// complete validates the options, sets defaults, and creates the state folder.
func (o Options) complete() (Options, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.Port < 1 || o.Port > 65535 {
		return o, fmt.Errorf("port %d of the local AWS: must be 1 to 65535", o.Port)
	}
	dir, err := filepath.Abs(o.StateDir)
	if err != nil {
		return o, fmt.Errorf("state folder: %w", err)
	}
	if i := strings.IndexAny(dir, unsupported); i >= 0 {
		return o, fmt.Errorf("state folder %s: Spark cannot read files of a folder with %q in its path: choose another state folder", dir, dir[i])
	}
	o.StateDir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return o, fmt.Errorf("state folder: %w", err)
	}
	return o, nil
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
