package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/credentials"
	"localaws/daemon"
	"localaws/testtools"
)

// fence matches a code block of Markdown: its language, file name and text.
var fence = regexp.MustCompile("(?ms)^```([a-z]+)(?: ([a-z.]+))?\n(.*?)^```$")

// walkthrough is the example of README.md, for an empty folder.
type walkthrough struct {
	files    map[string]string
	commands []string
	output   string
}

func readWalkthrough(t *testing.T) walkthrough {
	t.Helper()
	raw, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(raw), "\n## Try it\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	w := walkthrough{files: map[string]string{}}
	for _, block := range fence.FindAllStringSubmatch(section, -1) {
		switch language, name, text := block[1], block[2], block[3]; {
		case name != "":
			w.files[name] = text
		case language == "sh":
			w.commands = append(w.commands, text)
		case language == "text":
			w.output = text
		}
	}
	require.Len(t, w.files, 2)
	require.Len(t, w.commands, 3)
	return w
}

// folder is an empty folder, with only the binary and a Python with boto3 on PATH.
type folder struct {
	dir string
	env []string
}

func newFolder(t *testing.T) folder {
	t.Helper()
	bin := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(bin, "localaws"), ".") //nolint:gosec // this package
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	paths, err := json.Marshal(testtools.Paths(t))
	require.NoError(t, err)
	file := filepath.Join(bin, "tools.json")
	require.NoError(t, os.WriteFile(file, paths, 0o600))
	python := filepath.Dir(testtools.Python(t))
	f := folder{dir: t.TempDir(), env: []string{
		"PATH=" + bin + ":" + python + ":/usr/bin:/bin", "HOME=" + t.TempDir(), "LOCALAWS_TOOLS=" + file,
		fmt.Sprintf("LOCALAWS_PORT=%d", testtools.FreePort(t)),
	}}
	t.Cleanup(func() {
		require.NoError(t, daemon.Stop(context.Background(), f.state()))
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(f.state(), "daemon.log"))
			t.Log(string(log))
		}
	})
	return f
}

func (f folder) state() string { return filepath.Join(f.dir, ".localaws") }

// sh runs commands in a shell, and returns their output.
func (f folder) sh(t *testing.T, commands ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", strings.Join(commands, "\n")) //nolint:gosec // README's commands
	cmd.Dir, cmd.Env = f.dir, f.env
	cmd.WaitDelay = 10 * time.Second
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%s%s", out, stderr.String())
	return string(out)
}

// orders returns the IDs that the job wrote, one list for each object.
func (f folder) orders(t *testing.T) [][]int {
	t.Helper()
	status, err := daemon.GetStatus(t.Context(), f.state())
	require.NoError(t, err)
	owner, err := credentials.Read(f.state())
	require.NoError(t, err)
	client := s3.NewFromConfig(awsclient.Signed("us-east-1", status.URL, owner), func(o *s3.Options) { o.UsePathStyle = true })
	list, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("shop-orders"), Prefix: aws.String("sums/")})
	require.NoError(t, err)
	var all [][]int
	for _, entry := range list.Contents {
		object, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("shop-orders"), Key: entry.Key})
		require.NoError(t, err)
		var ids []int
		for lines := bufio.NewScanner(object.Body); lines.Scan(); {
			var order struct{ ID int }
			require.NoError(t, json.Unmarshal(lines.Bytes(), &order))
			ids = append(ids, order.ID)
		}
		require.NoError(t, object.Body.Close())
		all = append(all, ids)
	}
	return all
}

// The example's PySpark script with from_catalog and bookmarks runs twice, in an empty folder with only the binary and
// boto3. The second run reads only new data.
func TestReadmeInAnEmptyFolder(t *testing.T) {
	w, f := readWalkthrough(t), newFolder(t)
	for name, text := range w.files {
		require.NoError(t, os.WriteFile(filepath.Join(f.dir, name), []byte(text), 0o600))
	}
	out := f.sh(t, w.commands[:2]...)
	require.Contains(t, out, w.output, "what README.md shows")
	require.ElementsMatch(t, [][]int{{1, 2}, {3}}, f.orders(t), "an object of each run, each order once")

	out = f.sh(t, w.commands[2])
	require.Contains(t, out, "nothing was denied")
	require.Contains(t, out, "not running")
}

func TestCommands(t *testing.T) {
	f := newFolder(t)
	require.Equal(t, "not running\n", f.sh(t, "localaws status"))
	require.Equal(t, "nothing was denied\n", f.sh(t, "localaws denied"))
	require.Contains(t, f.sh(t, "localaws env 2>&1 || echo status $?"), "nothing runs in .localaws: run `localaws start`\nstatus 1")
	require.Contains(t, f.sh(t, "localaws start --tools absent.json 2>&1 || echo status $?"), "LOCALAWS_TOOLS names another file")
	require.Contains(t, f.sh(t, "localaws start --port many 2>&1 || echo status $?"), "--port many: must be a number\nstatus 1")
	require.Contains(t, f.sh(t, "localaws status --output yaml 2>&1 || echo status $?"), "must be text or json\nstatus 1")
	require.JSONEq(t, `{"error": "nothing runs in .localaws: run `+"`localaws start`"+`"}`, f.sh(t, "localaws env -o json 2>/dev/null || true"))

	require.Contains(t, f.sh(t, "localaws start"), "running at http://127.0.0.1:")
	var variables map[string]string
	require.NoError(t, json.Unmarshal([]byte(f.sh(t, "localaws env --output json")), &variables))
	require.Equal(t, "us-east-1", variables["AWS_REGION"])
	resp, err := http.Get(variables["AWS_ENDPOINT_URL"] + "/bucket") //nolint:noctx // a path of this test
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusForbidden, resp.StatusCode, "no signature")
	require.Equal(t, "0\n", f.sh(t, `eval "$(localaws env)"; python -c 'import boto3; print(len(boto3.client("s3").list_buckets()["Buckets"]))'`))

	var status daemon.Status
	require.NoError(t, json.Unmarshal([]byte(f.sh(t, "localaws status -o json")), &status))
	require.True(t, status.Running)
	require.Equal(t, "not running\n", f.sh(t, "localaws stop"))
}
