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
)

// Tools are the programs to run. All but JavaHome are required.
type Tools struct {
	Ministack, GluePython, JarsDir, AwsglueDir string
	// Database is the folder of the database server, see engine.Open.
	Database string
	// JavaHome is for Spark; empty means java on PATH.
	JavaHome string
}

// Options say what to run and where.
type Options struct {
	// ProjectDir is passed to `local serve`.
	ProjectDir string
	// StateDir keeps everything across restarts.
	StateDir string
	// Port of the gateway on 127.0.0.1.
	Port   int
	Region string
	Tools  Tools // for Run
	// ExternalMySQL is a file with the account of a MySQL server to use instead of starting one, in the format of
	// database.OpenExternal; for Run.
	ExternalMySQL string
	Log           *slog.Logger // for Run
}

// Files in the state folder.
const (
	lockFile    = "daemon.lock"
	startLock   = "start.lock"
	recordFile  = "daemon.json"
	logFile     = "daemon.log"
	serviceFile = "services.db"
	// accountFile is the user's: what the account lacks, see docs/local.md.
	accountFile = "account.json"

	databaseFolder = "database"
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
