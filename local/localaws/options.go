// Package localaws runs AWS on one machine: the emulator, the services that the
// emulator only pretends, the databases, and the gateway before them. It runs
// as a daemon with all its state in one folder.
package localaws

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"store-events/local/child"
	"store-events/local/database"
	"store-events/local/database/engine"
)

// Tools are the programs that are run. All but JavaHome are needed.
type Tools struct {
	Ministack, GluePython, JarsDir, AwsglueDir string
	// Database is the folder of the database server, see engine.Open.
	Database string
	// JavaHome is for Spark; empty means java on PATH.
	JavaHome string
}

// Options say what to run and where.
type Options struct {
	// ProjectDir is passed on to `local serve`.
	ProjectDir string
	// StateDir keeps everything over restarts.
	StateDir string
	// Port of the gateway on 127.0.0.1.
	Port   int
	Region string
	Tools  Tools // for Run
	// ExternalMySQL is a file with the account of a MySQL server that is used
	// in place of one that is started here, as database.OpenExternal reads it;
	// for Run. Empty means the account that STORE_EVENTS_MYSQL names, if it names
	// one, see engine.FromEnvironment.
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

// DatabaseCA is the PEM file of the authority that signs the certificates of the
// databases in a state folder; a running local AWS has made it. A server of the
// user's own has its own authority.
func DatabaseCA(stateDir string) string {
	return database.CAFile(filepath.Join(stateDir, databaseFolder))
}

// env is what every process of this local AWS has in its environment.
func (o Options) env() []string {
	env := []string{child.Mark + "=" + o.StateDir}
	if o.Tools.JavaHome != "" {
		env = append(env, "JAVA_HOME="+o.Tools.JavaHome)
	}
	return env
}

func (o Options) in(name string) string { return filepath.Join(o.StateDir, name) }

// complete checks the options and makes the state folder.
func (o Options) complete() (Options, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.ExternalMySQL == "" {
		given, err := engine.FromEnvironment()
		if err != nil {
			return o, err
		}
		o.ExternalMySQL = given.Account
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
