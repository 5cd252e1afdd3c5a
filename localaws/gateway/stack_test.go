package gateway_test

import (
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/awsjson"
	"localaws/awsmodel"
	"localaws/credentials"
	"localaws/database"
	"localaws/gateway"
	"localaws/ministack"
	"localaws/store"
	"localaws/tags"
	"localaws/testtools"
)

const region = "eu-west-1"

// stack is a gateway in front of a real emulator and real database servers.
type stack struct {
	config    aws.Config
	authority *credentials.Authority
	state     string
	url       string
	databases *database.Servers
	emulator  *ministack.Emulator
}

func newStack(t *testing.T, glue awsjson.Operations) *stack {
	t.Helper()
	state := t.TempDir()
	emu, err := ministack.Start(t.Context(), ministack.Options{
		Command: testtools.Ministack(t), StateDir: filepath.Join(state, "emulator"), Region: region,
		SessionKey: openAuthority(t, state).SessionKey(),
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emu.Stop()) })
	s, authority, url := serve(t, state, ministack.URL, emu.Transport(), glue)
	return &stack{config: config(url, authority), authority: authority, state: state, url: url, databases: s, emulator: emu}
}

// environ returns the environment of an ordinary AWS client, without the user's variables.
func (s *stack) environ(t *testing.T) []string {
	t.Helper()
	root := s.authority.Root()
	return []string{
		"AWS_ENDPOINT_URL=" + s.url, "AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
		"AWS_ACCESS_KEY_ID=" + root.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + root.SecretAccessKey, "HOME=" + t.TempDir(),
	}
}

func openAuthority(t *testing.T, state string) *credentials.Authority {
	t.Helper()
	authority, err := credentials.Open(state)
	require.NoError(t, err)
	return authority
}

// serve runs a gateway with its state in the folder.
func serve(t *testing.T, state, emulatorURL string, transport http.RoundTripper, glue awsjson.Operations) (*database.Servers, *credentials.Authority, string) {
	t.Helper()
	return serveBehind(t, state, emulatorURL, transport, glue, func(h http.Handler) http.Handler { return h })
}

// serveBehind wraps the gateway's handler.
func serveBehind(t *testing.T, state, emulatorURL string, transport http.RoundTripper, glue awsjson.Operations, wrap func(http.Handler) http.Handler) (*database.Servers, *credentials.Authority, string) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	servers, err := database.Open(database.Options{ServerDir: testtools.Database(t), StateDir: filepath.Join(state, "database"), Log: log})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	st, err := store.Open(filepath.Join(state, "services.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	authority := openAuthority(t, state)
	labels := tags.New(st)
	if glue != nil {
		maps.Copy(glue, labels.Operations())
	}
	g, err := gateway.New(gateway.Options{
		EmulatorURL: emulatorURL, Transport: transport, Authority: authority, Region: region, Glue: glue, Tags: labels,
		Databases: servers, Store: st, Models: models(t), Log: log,
	})
	require.NoError(t, err)
	server := httptest.NewServer(wrap(g))
	t.Cleanup(server.Close)
	return servers, authority, server.URL
}

func models(t testing.TB) *awsmodel.Models {
	t.Helper()
	dir, err := awsmodel.Find(testtools.Ministack(t))
	require.NoError(t, err)
	m, err := awsmodel.Open(dir)
	require.NoError(t, err)
	return m
}

func config(url string, authority *credentials.Authority) aws.Config {
	return awsclient.Signed(region, url, authority.Root())
}
