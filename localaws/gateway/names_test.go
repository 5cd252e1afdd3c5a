package gateway_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"

	"localaws/credentials"
)

// Names in requests become parts of paths in the emulator: none may lead out of its
// folders, or change a file of the state.
func TestNamesCannotLeaveTheStateFolder(t *testing.T) {
	s := newStack(t, nil)
	victim := filepath.Join(s.state, "victim", "precious")
	require.NoError(t, os.MkdirAll(filepath.Dir(victim), 0o700))
	require.NoError(t, os.WriteFile(victim, []byte("precious"), 0o600))
	before := outside(t, s.state)
	put := func(path string) {
		for _, method := range []string{http.MethodPut, http.MethodDelete} {
			req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader("x"))
			require.NoError(t, err)
			require.NoError(t, credentials.Sign(req, s.authority.Root(), "s3", region, []byte("x")))
			do(t, req)
		}
	}
	for _, name := range []string{"..", "%2e%2e", "..%2f..%2fvictim", "%2e%2e/%2e%2e/victim/precious", "a/../../../victim/precious", "%2ftmp%2fx", "a%00b", "."} {
		put("/" + name)
		put("/" + name + "/key")
		put("/bucket/" + name)
		put("/bucket/../" + name)
	}
	for _, name := range []string{"../../victim/precious", "..", "/tmp/x"} {
		_, _ = lambda.NewFromConfig(s.config).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
			FunctionName: &name, Runtime: lambdatypes.RuntimePython311, Handler: aws.String("index.handler"), Role: aws.String(roleARN),
			Code: &lambdatypes.FunctionCode{ZipFile: zipped(t, "../../../victim/precious", "overwritten")},
		})
		_, _ = lambda.NewFromConfig(s.config).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &name})
	}
	content, err := os.ReadFile(victim) //nolint:gosec // A file of the test.
	require.NoError(t, err)
	require.Equal(t, "precious", string(content))
	require.Equal(t, before, outside(t, s.state))
}

// outside returns the files that do not belong to the emulator.
func outside(t *testing.T, state string) []string {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(state, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, err := filepath.Rel(state, path)
		own := strings.HasPrefix(relative, "emulator/s3/") || strings.HasPrefix(relative, "emulator/tmp/") || strings.HasPrefix(relative, "emulator/state/") || strings.Contains(relative, "__pycache__")
		if !own {
			files = append(files, relative)
		}
		return err
	}))
	return files
}
