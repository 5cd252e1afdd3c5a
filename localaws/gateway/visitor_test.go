package gateway_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
)

const visitorVariable = "GATEWAY_TEST_VISITOR"

// TestMain also runs as the program of another user of the machine.
func TestMain(m *testing.M) {
	if task := os.Getenv(visitorVariable); task != "" {
		visit(task)
		return
	}
	os.Exit(m.Run())
}

// visitor is what another user tries, with the results.
type visitor struct {
	URL, Socket string
	Files       []string
	// Results are HTTP statuses and errors by attempt.
	Results map[string]string `json:",omitempty"`
}

func visit(task string) {
	var v visitor
	if err := json.Unmarshal([]byte(task), &v); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	v.Results = map[string]string{"socket": "open"}
	if _, err := net.Dial("unix", v.Socket); err != nil { //nolint:noctx // a socket file
		v.Results["socket"] = outcome(err)
	}
	for _, file := range v.Files {
		_, err := os.ReadFile(file) //nolint:gosec // a path from the test
		v.Results[file] = outcome(err)
	}
	for _, try := range []string{"GET /", "GET /events/key", "PUT /stolen", "GET /_localaws/health", "POST /?Action=CreateStack", "GET /_ministack/health"} {
		method, path, _ := strings.Cut(try, " ")
		req, err := http.NewRequest(method, v.URL+path, nil) //nolint:noctx // an address of this machine
		if err == nil {
			var resp *http.Response
			if resp, err = http.DefaultClient.Do(req); err == nil {
				body, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				v.Results[try] = fmt.Sprint(resp.StatusCode, " ", string(body))
				continue
			}
		}
		v.Results[try] = outcome(err)
	}
	_ = json.NewEncoder(os.Stdout).Encode(v)
}

func outcome(err error) string {
	switch {
	case err == nil:
		return "open"
	case errors.Is(err, fs.ErrPermission):
		return "denied"
	}
	return err.Error()
}

// Another user of the machine has no access to files, sockets and services.
func TestAnotherUserHasNoAccess(t *testing.T) {
	s := newStack(t, nil)
	_, err := s3.NewFromConfig(s.config, pathStyle).CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("events"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
	})
	require.NoError(t, err)
	environ := fmt.Sprintf("/proc/%d/environ", s.emulator.PID())
	raw, err := os.ReadFile(environ) //nolint:gosec // A file of the kernel.
	require.NoError(t, err)
	_, after, _ := strings.Cut(string(raw), "LOCALAWS_EMULATOR_SOCKET=")
	v := visitor{URL: s.url, Files: []string{filepath.Join(s.state, "credentials.json"), filepath.Join(s.state, "services.db"), filepath.Join(s.state, "emulator", "session.key"), environ}}
	v.Socket, _, _ = strings.Cut(after, "\x00")
	for _, file := range v.Files[:3] {
		info, err := os.Stat(file)
		require.NoError(t, err)
		require.Zero(t, info.Mode().Perm()&0o077, "only the owner may open %s", file)
	}
	root := os.Getuid() == 0 // as root the test can run commands as another user
	if root {
		openTo(t, s.state)
	}
	for _, file := range everyFile(t, s.state) {
		if !slices.Contains(v.Files, file) {
			v.Files = append(v.Files, file)
		}
	}
	got := runVisitor(t, v, root)
	require.Len(t, got.Results, len(v.Files)+7, "the files, the socket and the requests")
	for what, result := range got.Results {
		switch {
		case strings.Contains(what, " "):
			require.True(t, strings.HasPrefix(result, "403 "), "%s: %s", what, result)
			require.NotContains(t, result, s.state, what)
		case root:
			require.Equal(t, "denied", result, what)
		}
	}
	list, err := s3.NewFromConfig(s.config, pathStyle).ListBuckets(t.Context(), &s3.ListBucketsInput{})
	require.NoError(t, err)
	require.Len(t, list.Buckets, 1)
}

// everyFile returns all files of the state.
func everyFile(t *testing.T, dir string) (files []string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		if errors.Is(err, fs.ErrNotExist) { // A running server has removed the file.
			return nil
		}
		return err
	}))
	require.Greater(t, len(files), 3)
	return files
}

// openTo lets everyone enter the folders above: only the modes of the files, and of the
// folders that the local AWS creates, protect the content.
func openTo(t *testing.T, dir string) {
	t.Helper()
	for ; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755)) //nolint:gosec // on purpose
	}
}

// runVisitor runs this program, as user nobody if the test runs as root.
func runVisitor(t *testing.T, v visitor, asNobody bool) visitor {
	t.Helper()
	task, err := json.Marshal(v)
	require.NoError(t, err)
	executable, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "visitor-") //nolint:usetesting // below a folder that others may enter
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	require.NoError(t, os.Chmod(dir, 0o755)) //nolint:gosec // for the other user
	program := filepath.Join(dir, "visitor")
	require.NoError(t, os.WriteFile(program, executable, 0o755)) //nolint:gosec // for the other user
	cmd := exec.CommandContext(t.Context(), program)             //nolint:gosec // ourselves
	cmd.Env, cmd.Dir, cmd.Stderr = []string{visitorVariable + "=" + string(task)}, dir, os.Stderr
	if asNobody {
		const nobody = 65534
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	out, err := cmd.Output()
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(out, &v))
	return v
}
