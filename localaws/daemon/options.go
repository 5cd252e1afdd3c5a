// Package daemon runs AWS on one machine: the emulator, the services that the emulator only pretends to have,
// the databases, and the gateway in front of them. It runs as a daemon with all its state in one folder.
package daemon

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"localaws/database"
	"localaws/process"
	"localaws/tools"
)

// Options say what to run and where.
type Options struct {
	// StateDir keeps everything across restarts.
	StateDir string
	// Port of the gateway on 127.0.0.1.
	Port   int
	Region string
	// Serve are the first arguments of the command of this executable that calls Run; for Start, which adds
	// --state, --port and --region.
	Serve []string
	// EndsWithCaller ends what Start has started when this process ends, however that happens.
	EndsWithCaller bool
	Tools          tools.Paths // for Run
	// ExternalMySQL is a file with the account of a MySQL server to use instead of starting one, in the format of
	// database.OpenExternal; for Run.
	ExternalMySQL string
	// Advice is part of error messages; it depends on the program that runs the local AWS.
	Advice Advice
	Log    *slog.Logger
}

// Advice says what to do about an error, as the end of a sentence after a colon or "or".
type Advice struct {
	// Credentials: how to get the access key of this local AWS.
	Credentials string
	// OtherPort: how to choose another port.
	OtherPort string
	// StopOther: how to stop the local AWS of another state folder.
	StopOther string
	// Glue6: how to install what jobs of Glue 6.0 run with.
	Glue6 string
	// Reset: how to begin with an empty state folder.
	Reset string
}

// untilStdinEnds is set for a daemon that ends when its standard input does.
const untilStdinEnds = "LOCALAWS_UNTIL_STDIN_ENDS"

// Files in the state folder.
const (
	lockFile    = "daemon.lock"
	startLock   = "start.lock"
	recordFile  = "daemon.json"
	logFile     = "daemon.log"
	serviceFile = "services.db"
	// accountFile is the user's: what the account lacks, see README.md.
	accountFile = "account.json"

	databaseFolder = "database"
	awsglueFolder  = "awsglue"
)

// GatewayURL is the address of the local AWS.
func (o Options) GatewayURL() string { return "http://" + address(o.Port) }

// DatabaseCA returns the PEM file of the authority that signs the certificates of the databases in a state
// folder, which a running local AWS has created. The user's own server has a different authority.
func DatabaseCA(stateDir string) string {
	return database.CAFile(filepath.Join(stateDir, databaseFolder))
}

// env is in the environment of every process of this local AWS.
func (o Options) env() []string {
	env := []string{process.Mark + "=" + o.StateDir}
	if o.Tools.JavaHome != "" {
		env = append(env, "JAVA_HOME="+o.Tools.JavaHome)
	}
	return env
}

func (o Options) in(name string) string { return filepath.Join(o.StateDir, name) }

// complete checks the options and creates the state folder.
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
	o.StateDir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return o, fmt.Errorf("state folder: %w", err)
	}
	return o, nil
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
