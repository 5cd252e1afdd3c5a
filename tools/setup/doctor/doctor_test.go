package doctor

import (
	"bytes"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// machine returns a healthy machine, with only these programs on PATH.
func machine(t *testing.T, programs map[string]string) Options {
	t.Helper()
	bin := t.TempDir()
	for name, script := range programs {
		require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700)) //nolint:gosec // An executable.
	}
	t.Setenv("PATH", bin)
	t.Setenv("PULUMI_HOME", filepath.Join(bin, "pulumi-home"))
	t.Setenv("HOME", t.TempDir())
	for _, name := range []string{"JAVA_HOME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE",
		"AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE"} {
		t.Setenv(name, "")
	}
	return Options{
		CacheDir: t.TempDir(),
		Ports:    map[string]int{},
		Facts: &Facts{
			OS: "linux", Arch: "amd64",
			FreeDisk: func(string) (uint64, error) { return 100 * gib, nil },
			Memory:   func() (uint64, uint64, error) { return 16 * gib, 8 * gib, nil },
			Listener: func(int) string { return "" },
		},
	}
}

// complete returns the programs of a machine that has all.
func complete() map[string]string {
	return map[string]string{
		"go":         `echo go1.26.8`,
		"python3.11": `echo 3.11`,
		"java":       `echo "    java.home = /opt/java"; echo "    java.specification.version = 17"`,
		"mvn":        ``, "git": ``, "chromium": ``,
		"aws":                    `echo aws-cli/2.13.0 Python/3.11.4`,
		"pulumi":                 `echo v3.300.0`,
		"pulumi-resource-aws":    ``,
		"pulumi-resource-random": ``,
	}
}

func find(t *testing.T, findings []Finding, check string) Finding {
	t.Helper()
	for _, f := range findings {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("no finding about %s in %v", check, findings)
	return Finding{}
}

func TestHealthyMachine(t *testing.T) {
	findings := Run(t.Context(), machine(t, complete()))
	require.False(t, Failed(findings))
	for _, f := range findings {
		if f.Check != "project" {
			require.Equal(t, OK, f.Status, f.Text())
			require.Empty(t, f.Fix, f.Text())
		}
	}
	require.Contains(t, find(t, findings, "Pulumi CLI").Detail, "v3.300.0")
}

func TestProblemsAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		program, script string // Replacements of programs; an empty script removes the program.
		check           string
		status          Status
		detail          string
	}{
		"no Go":           {"go", "", "Go", Error, "not on PATH"},
		"old Go":          {"go", "echo go1.21.3", "Go", Error, "go1.21.3"},
		"broken Go":       {"go", "exit 1", "Go", Error, "does not print its version"},
		"no Python":       {"python3.11", "", "Python", Error, "no Python on PATH"},
		"wrong Python":    {"python3.11", "echo 3.13", "Python", Error, "3.13"},
		"no venv":         {"python3.11", "echo \"No module named 'ensurepip'\" >&2; exit 1", "Python", Error, "python3.11-venv"},
		"no Java":         {"java", "", "Java", Warning, "no Java 17"},
		"other Java":      {"java", `echo "    java.specification.version = 21"`, "Java", Warning, "no Java 17"},
		"no Maven":        {"mvn", "", "Maven", Error, "mvn is not on PATH"},
		"no git":          {"git", "", "git", Warning, "not on PATH"},
		"no AWS CLI":      {"aws", "", "AWS CLI", Warning, "not on PATH"},
		"old AWS CLI":     {"aws", "echo aws-cli/1.29.0 Python/3.11.4", "AWS CLI", Warning, "1.29 at"},
		"broken AWS CLI":  {"aws", "exit 1", "AWS CLI", Warning, "does not print its version"},
		"no Chromium":     {"chromium", "", "Chromium", Warning, "only `make test` needs it"},
		"no Pulumi":       {"pulumi", "", "Pulumi CLI", OK, "the setup builds one"},
		"old Pulumi":      {"pulumi", "echo v3.200.0", "Pulumi CLI", Warning, "is older than v3.255.0"},
		"broken Pulumi":   {"pulumi", "exit 3", "Pulumi CLI", Warning, "does not run"},
		"no AWS provider": {"pulumi-resource-aws", "", "providers", OK, "not installed: aws v6.83.2"},
	} {
		t.Run(name, func(t *testing.T) {
			programs := complete()
			delete(programs, c.program)
			if c.script != "" {
				programs[c.program] = c.script
			}
			findings := Run(t.Context(), machine(t, programs))
			f := find(t, findings, c.check)
			require.Equal(t, c.status, f.Status, f.Text())
			require.Contains(t, f.Detail, c.detail)
			require.Equal(t, c.status == Error, Failed(findings))
			require.Equal(t, c.status == OK, f.Fix == "", f.Text())
		})
	}
}

func TestSpace(t *testing.T) {
	o := machine(t, complete())
	o.Facts.FreeDisk = func(string) (uint64, error) { return 3 * gib, nil }
	require.Equal(t, Error, find(t, Run(t.Context(), o), "disk").Status, "too little for a first setup")
	require.NoError(t, os.Mkdir(filepath.Join(o.CacheDir, "venv"), 0o700))
	require.Equal(t, OK, find(t, Run(t.Context(), o), "disk").Status, "enough for runs")
	o.StateDir = t.TempDir()
	o.Facts.FreeDisk = func(folder string) (uint64, error) {
		return map[string]uint64{o.CacheDir: 3 * gib, o.StateDir: gib / 4}[folder], nil
	}
	require.Equal(t, Error, find(t, Run(t.Context(), o), "state").Status, "the disk of the state is another one")
	o.Facts.FreeDisk = func(string) (uint64, error) { return 0, errors.New("no such disk") }
	require.Equal(t, Warning, find(t, Run(t.Context(), o), "disk").Status)

	o.Facts.Memory = func() (uint64, uint64, error) { return 16 * gib, 3 * gib, nil }
	require.Equal(t, Warning, find(t, Run(t.Context(), o), "memory").Status)
	o.Facts.Memory = func() (uint64, uint64, error) { return gib, gib, nil }
	require.Equal(t, Error, find(t, Run(t.Context(), o), "memory").Status)
}

func TestPlatforms(t *testing.T) {
	for name, want := range map[[2]string]Status{
		{"linux", "amd64"}: OK, {"linux", "arm64"}: Warning, {"darwin", "arm64"}: Warning, {"windows", "amd64"}: Error,
	} {
		o := Options{Facts: &Facts{OS: name[0], Arch: name[1]}}
		require.Equal(t, want, o.platform().Status, name)
	}
}

func TestPortsInUseNameTheProcess(t *testing.T) {
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	port := l.Addr().(*net.TCPAddr).Port
	o := machine(t, complete())
	o.Ports = map[string]int{"local AWS": port}
	o.Facts.Listener = listener
	o.Own = func(int) string { return "" }
	f := o.ports(t.Context())[0]
	require.Equal(t, Error, f.Status)
	require.Regexp(t, `^used by doctor\.test, process \d+; the local AWS needs it$`, f.Detail, "the process of this test")
	require.Contains(t, f.Fix, "STORE_EVENTS_PORT")

	o.Own = func(p int) string { require.Equal(t, port, p); return "this project's local AWS" }
	require.Equal(t, OK, o.ports(t.Context())[0].Status)
	require.NoError(t, l.Close())
	o.Own = func(int) string { return "" }
	require.Contains(t, o.ports(t.Context())[0].Detail, "free")
}

func TestCredentialsAreNotPrinted(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	check := func(env map[string]string) Finding {
		return credentials(func(name string) string { return env[name] })[0]
	}
	require.Contains(t, check(nil).Detail, "none found")
	f := check(map[string]string{"AWS_ACCESS_KEY_ID": "AKIASECRET", "AWS_SECRET_ACCESS_KEY": "hidden"})
	require.Equal(t, OK, f.Status)
	require.NotContains(t, f.Text(), "AKIASECRET")
	require.NotContains(t, f.Text(), "hidden")
	require.Equal(t, Warning, check(map[string]string{"AWS_ACCESS_KEY_ID": "x"}).Status)
	require.Equal(t, Warning, check(map[string]string{"AWS_PROFILE": "dev"}).Status)
	require.NoError(t, os.MkdirAll(filepath.Join(home, ".aws"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(home, ".aws", "config"), nil, 0o600))
	require.Contains(t, check(map[string]string{"AWS_PROFILE": "dev"}).Detail, "profile dev in "+filepath.Join(home, ".aws", "config"))
	all := credentials(func(name string) string { return map[string]string{"AWS_ENDPOINT_URL": "http://x"}[name] })
	require.Equal(t, Warning, all[1].Status)
}

func TestProjectIsChecked(t *testing.T) {
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	o := machine(t, complete())
	o.ProjectDir = root
	f := find(t, Run(t.Context(), o), "setup")
	require.Equal(t, Warning, f.Status, "an empty cache")
	require.Contains(t, f.Detail, "python")
	require.NotContains(t, f.Detail, "providers", "the machine has them")
	require.NotContains(t, f.Detail, "java")
}

func TestOutput(t *testing.T) {
	findings := []Finding{ok("Go", "fine"), failure("Maven", "missing", "install it")}
	var b bytes.Buffer
	require.NoError(t, Write(&b, findings, false))
	require.Equal(t, "ok       Go               fine\nerror    Maven            missing\n                          -> install it\n", b.String())
	b.Reset()
	require.NoError(t, Write(&b, findings, true))
	var back []Finding
	require.NoError(t, json.Unmarshal(b.Bytes(), &back))
	require.Equal(t, findings, back)
}
