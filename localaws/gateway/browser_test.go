package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/stretchr/testify/require"

	"localaws/credentials"
	"localaws/ministack"
	"localaws/testtools"
)

// observed counts requests by the method that sent them.
type observed struct {
	mu   sync.Mutex
	ways map[string]int
	next http.Handler
}

func (o *observed) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.count(r)
	o.next.ServeHTTP(w, r)
}

func (o *observed) count(r *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.ways == nil {
		o.ways = map[string]int{}
	}
	o.ways[r.URL.Query().Get("way")]++
}

func (o *observed) counts() map[string]int {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := map[string]int{}
	for way, n := range o.ways {
		out[way] = n
	}
	return out
}

// watched is a transport to the emulator that counts requests.
type watched struct {
	observed
	transport http.RoundTripper
}

func (w *watched) RoundTrip(r *http.Request) (*http.Response, error) {
	w.count(r)
	return w.transport.RoundTrip(r)
}

// A real browser opens a hostile page, on another port of this machine and under
// names that resolve to it. None of its requests reach the emulator; all of them
// reach an unprotected server.
func TestBrowserCannotReachTheEmulator(t *testing.T) {
	state := t.TempDir()
	authority := openAuthority(t, state)
	emu, err := ministack.Start(t.Context(), ministack.Options{
		Command: testtools.Ministack(t), StateDir: filepath.Join(state, "emulator"), Region: region, SessionKey: authority.SessionKey(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emu.Stop()) })
	way := &watched{transport: emu.Transport()}
	front := &observed{}
	_, _, address := serveBehind(t, state, ministack.URL, way, nil, func(h http.Handler) http.Handler {
		front.next = h
		return front
	})
	control := &observed{next: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Access-Control-Allow-Headers", "*")
		w.Header().Set("Access-Control-Allow-Methods", "*")
		_, _ = io.WriteString(w, "readable")
	})}
	open := httptest.NewServer(control)
	t.Cleanup(open.Close)

	victim := filepath.Join(t.TempDir(), "owned")
	attack := hostile{
		Targets: []string{address, strings.Replace(address, "127.0.0.1", "localhost", 1), strings.Replace(address, "127.0.0.1", "rebound.example.com", 1), open.URL},
		Query:   url.Values{"Action": {"CreateStack"}, "Version": {"2010-05-15"}, "StackName": {"owned"}, "TemplateBody": {template(t, victim)}}.Encode(),
		Body:    `{"FunctionName":"owned","Runtime":"python3.11","Handler":"index.handler","Role":"arn:aws:iam::000000000000:role/r","Code":{"ZipFile":"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}}`,
	}
	requireTheAttackWorks(t, authority, address, attack.Query, victim)
	before, ways := way.counts(), []string{}
	for name, referrer := range map[string]bool{"127.0.0.1": true, "localhost": false, "page.localhost": true, "hostile.example.com": false} {
		attack.Referrer = referrer
		result := attack.open(t, name)
		for _, text := range result.Read {
			require.Contains(t, text, "readable", "%s read a response", name)
		}
		ways = result.Ways
	}
	for _, sent := range ways {
		require.NotZero(t, control.counts()[sent], "the browser sent nothing by %s", sent)
	}
	require.Equal(t, before, way.counts(), "nothing reaches the emulator")
	for _, sent := range []string{"image", "formPost", "fetchPost", "popup", "socket", "frame"} {
		require.NotZero(t, front.counts()[sent], "%s reached the gateway", sent)
	}
	require.NoFileExists(t, victim)
	functions, err := lambda.NewFromConfig(config(address, authority)).ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	require.NoError(t, err)
	require.Empty(t, functions.Functions)
}

// template returns a template that creates a function, which writes a file, and calls it.
func template(t *testing.T, file string) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"Resources": map[string]any{
		"F": map[string]any{"Type": "AWS::Lambda::Function", "Properties": map[string]any{
			"FunctionName": "owned", "Runtime": "python3.11", "Handler": "index.handler", "Role": "arn:aws:iam::000000000000:role/r",
			"Code": map[string]string{"ZipFile": "def handler(event, context):\n    open(" + quoted(file) + ", 'w').close()\n"},
		}},
		"C": map[string]any{"Type": "AWS::CloudFormation::CustomResource", "Properties": map[string]any{
			"ServiceToken": map[string]any{"Fn::GetAtt": []string{"F", "Arn"}}, "ServiceTimeout": "1",
		}},
	}})
	require.NoError(t, err)
	return string(raw)
}

func quoted(s string) string { return "'" + s + "'" }

// requireTheAttackWorks sends the page's call with a signature: the emulator runs the
// function, so that a successful attack would be noticed. It cleans up.
func requireTheAttackWorks(t *testing.T, authority *credentials.Authority, address, query, victim string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/?"+query, nil)
	require.NoError(t, err)
	require.NoError(t, credentials.Sign(req, authority.Root(), "cloudformation", region, nil))
	resp := do(t, req)
	require.Equal(t, http.StatusOK, resp.StatusCode, resp.body)
	require.Eventually(t, func() bool { _, err := os.Stat(victim); return err == nil }, 30*time.Second, 50*time.Millisecond)
	client := lambda.NewFromConfig(config(address, authority))
	require.Eventually(t, func() bool {
		_, err := client.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("owned")})
		var gone *lambdatypes.ResourceNotFoundException
		_ = os.Remove(victim)
		return errors.As(err, &gone)
	}, 30*time.Second, 100*time.Millisecond)
}

type hostile struct {
	Targets  []string `json:"targets"`
	Query    string   `json:"query"`
	Body     string   `json:"body"`
	Referrer bool     `json:"referrer"`
}

type pageResult struct{ Ways, Read []string }

// open serves the page under a name, opens it in a browser, and returns the result
// that the page reports.
func (h hostile) open(t *testing.T, name string) pageResult {
	t.Helper()
	page, err := os.ReadFile("testdata/hostile.html")
	require.NoError(t, err)
	settings, err := json.Marshal(h)
	require.NoError(t, err)
	done := make(chan pageResult, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/done" {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, strings.Replace(string(page), "/*CONFIG*/ null", string(settings), 1))
			return
		}
		var result pageResult
		if json.NewDecoder(r.Body).Decode(&result) == nil {
			done <- result
		}
	}))
	defer server.Close()
	stop := browse(t, strings.Replace(server.URL, "127.0.0.1", name, 1)+"/")
	defer stop()
	select {
	case result := <-done:
		return result
	case <-time.After(2 * time.Minute):
		t.Fatal("the page did not finish")
		return pageResult{}
	}
}

// browse opens a page in Chromium, with the browser's protection of the local network
// off.
func browse(t *testing.T, address string) (stop func()) {
	t.Helper()
	profile := t.TempDir()
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), testtools.Chromium(t), //nolint:gosec // the browser of the machine
		"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-popup-blocking",
		"--disable-background-networking", "--disable-features=LocalNetworkAccessChecks,PrivateNetworkAccessRespectPreflightResults,BlockInsecurePrivateNetworkRequests",
		"--host-resolver-rules=MAP *.example.com 127.0.0.1", "--user-data-dir="+profile, address)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + profile}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	return func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		// Child processes write into the profile until they exit.
		require.Eventually(t, func() bool { return os.RemoveAll(profile) == nil }, 20*time.Second, 100*time.Millisecond)
	}
}
