package deploy

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Options select the stack and configure the engine.
type Options struct {
	ProjectDir string
	StateDir   string
	Stack      string
	Program    pulumi.RunFunc
	// Endpoint deploys to the AWS at this URL instead of the one in the stack's
	// settings. The stack is then managed locally.
	Endpoint string
	// Credentials are for the local AWS. They are passed in environment variables, so
	// that they do not appear in state, arguments or outputs.
	Credentials aws.Credentials
	// AssumeRole is the ARN of the role that the provider assumes; "" uses the stack's
	// settings. For a local AWS, Credentials belong to a session of the role instead.
	AssumeRole string
	// Pulumi is the path of the CLI.
	Pulumi string
	// PluginDir is searched for provider plugins after PATH.
	PluginDir string
	// PolicyPacks are folders of policy packs, applied to every preview and update.
	PolicyPacks []string
	// Config overrides settings of the stack, by full key (store-events:databasePort).
	Config map[string]string
	// Environ is the environment of this process, from os.Environ.
	Environ []string
	// Refresh makes a preview compare with the resources on AWS instead of the last
	// update.
	Refresh bool
	// Progress receives every finished step; it may be nil.
	Progress func(Step)
	// Stopping is called if ctx ends while the engine changes a stack on AWS: the engine first
	// ends its current operations. It may be nil.
	Stopping func()
}

// Deployment is one stack of the project, ready to be previewed and updated.
type Deployment struct {
	opts  Options
	stack auto.Stack
	// settings is the path of the stack's settings, unless they are in the project.
	settings string
	place    place
}

// Open selects the stack, and creates it if necessary.
func Open(ctx context.Context, o Options) (*Deployment, error) {
	p, err := o.place()
	if err != nil {
		return nil, err
	}
	cmd, err := command(o.Pulumi, p.stopTimeout())
	if err != nil {
		return nil, err
	}
	end, err := o.begin(ctx, p)
	if err != nil {
		return nil, err
	}
	defer end()
	if p.managed {
		files, _, err := savedStates(o.StateDir)
		if err != nil {
			return nil, err
		}
		cmd.exists = files[o.Stack] != ""
	}
	ws, err := auto.NewLocalWorkspace(ctx, auto.WorkDir(p.dir), auto.Program(o.Program), auto.Pulumi(cmd), auto.EnvVars(p.env))
	if err != nil {
		return nil, fmt.Errorf("open the workspace of stack %s: %w", o.Stack, ended(ctx, err))
	}
	stack, err := auto.UpsertStack(ctx, o.Stack, ws)
	if err != nil {
		return nil, fmt.Errorf("open stack %s: %w", o.Stack, ended(ctx, err))
	}
	d := &Deployment{opts: o, stack: stack, place: p}
	if o.AssumeRole != "" && !p.managed {
		d.settings, err = o.settingsWithRole()
	}
	return d, err
}

// engineGOGC makes the engine and its plugins collect garbage less often than Go's
// default of 100. They live for seconds: a preview takes a fifth less time, and 130 MB
// more memory. It is only for providers built here: the full AWS provider, which stacks
// on AWS use, needs far more memory.
const engineGOGC = "400"

// place is the engine's working folder for a stack, and additional environment
// variables. The state of a managed stack is in the state folder, and the engine's
// settings are a copy of the stack's.
type place struct {
	dir      string
	env      map[string]string
	managed  bool
	settings Settings
}

func (o Options) place() (place, error) {
	settings, err := ReadSettings(o.ProjectDir, o.Stack)
	if err != nil {
		return place{}, err
	}
	p := place{dir: o.ProjectDir, env: map[string]string{}, settings: settings}
	if o.Endpoint != "" || settings.Endpoint() != "" {
		if err := o.manage(&p); err != nil {
			return place{}, err
		}
	}
	p.env["PULUMI_SKIP_UPDATE_CHECK"] = "true"
	if o.PluginDir != "" {
		p.env["PATH"] = os.Getenv("PATH") + string(os.PathListSeparator) + o.PluginDir
	}
	return p, nil
}

func (p place) stopTimeout() time.Duration {
	if p.managed {
		return stopTimeout
	}
	return stopTimeoutOnAWS
}

// manage sets up the place for a locally managed stack: a work folder, a file backend and
// a separate passphrase.
func (o Options) manage(p *place) error {
	// The engine inherits this variable and prefers it to the file, even if it is empty.
	if err := os.Unsetenv("PULUMI_CONFIG_PASSPHRASE"); err != nil {
		return fmt.Errorf("unset the user's passphrase for the engine: %w", err)
	}
	env := map[string]string{
		"PULUMI_BACKEND_URL":            "file://" + strings.ReplaceAll(backend(o.StateDir), "%", "%25"), // The engine decodes it.
		"PULUMI_CONFIG_PASSPHRASE_FILE": o.passphraseFile(),
		"TMPDIR":                        o.temporary(),
	}
	if !slices.ContainsFunc(o.Environ, func(kv string) bool { return strings.HasPrefix(kv, "GOGC=") }) {
		env["GOGC"] = engineGOGC
	}
	for _, kv := range o.Environ { // Settings for AWS itself must not reach the local AWS.
		if k, _, _ := strings.Cut(kv, "="); strings.HasPrefix(k, "AWS_") || strings.HasSuffix(strings.ToLower(k), "_proxy") {
			env[k] = ""
		}
	}
	if c := o.Credentials; c.AccessKeyID != "" {
		env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"] = c.AccessKeyID, c.SecretAccessKey
		env["AWS_SESSION_TOKEN"] = c.SessionToken
	}
	p.dir, p.env, p.managed = o.workFolder(), env, true
	return nil
}

// temporary returns the folder where the provider leaves copies of assets.
func (o Options) temporary() string { return filepath.Join(o.StateDir, "deploy", "tmp") }

// write writes the files of a managed stack: the project's settings with the local
// endpoint, and the passphrase.
func (o Options) write(p place) error {
	for _, d := range []string{p.dir, backend(o.StateDir), o.temporary()} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			return fmt.Errorf("create the deployment folder: %w", err)
		}
	}
	if err := o.writeSettings(p.dir, p.settings); err != nil {
		return err
	}
	return o.writePassphrase()
}

// workFolder returns the folder of a managed stack.
func (o Options) workFolder() string { return filepath.Join(o.StateDir, "deploy", o.Stack) }

// backend returns the folder with the states of the stacks that are managed in a state folder.
func backend(stateDir string) string { return filepath.Join(stateDir, "deploy", "backend") }

func (o Options) writeSettings(work string, s Settings) error {
	project, err := os.ReadFile(filepath.Join(o.ProjectDir, "Pulumi.yaml"))
	if err != nil {
		return fmt.Errorf("read the project: %w", err)
	}
	if err := replace(filepath.Join(work, "Pulumi.yaml"), project); err != nil {
		return fmt.Errorf("write the project: %w", err)
	}
	if o.Endpoint != "" && o.Endpoint != s.Endpoint() {
		local, err := ReadSettings(o.ProjectDir, LocalStack)
		if err != nil {
			return err
		}
		s = s.At(local, o.Endpoint)
	}
	for k, v := range o.Config {
		s.Override(k, v)
	}
	file := SettingsFile(work, o.Stack)
	before, err := readSettings(file)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	s.EncryptionSalt = before.EncryptionSalt
	return s.Write(file)
}

// passphraseFile returns the file with the passphrase of all managed stacks.
func (o Options) passphraseFile() string { return filepath.Join(o.StateDir, "deploy", "passphrase") }

// writePassphrase creates a random passphrase if there is none. Existing stacks cannot be read with another one.
func (o Options) writePassphrase() error {
	file := o.passphraseFile()
	info, err := os.Stat(file)
	if err == nil && info.Size() > 0 {
		return nil
	}
	stacks, _, unread := savedStates(o.StateDir)
	if unread != nil {
		return unread
	}
	if err == nil || len(stacks) > 0 {
		return fmt.Errorf("%s is empty or missing: the secrets of the stacks in %s cannot be read; restore the file, or remove the stacks with `storeevents down --force --stack %s`", file, o.StateDir, o.Stack)
	}
	if err := replace(file, []byte(rand.Text())); err != nil {
		return fmt.Errorf("write the stack's passphrase: %w", err)
	}
	return nil
}
