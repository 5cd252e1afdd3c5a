package gateway_test

import (
	"log/slog"
	"maps"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"store-events/local/awsclient"
	"store-events/local/awsjson"
	"store-events/local/awsmodel"
	"store-events/local/database"
	"store-events/local/emulator"
	"store-events/local/gateway"
	"store-events/local/store"
	"store-events/local/tags"
	"store-events/local/testtools"
)

const region = "eu-west-1"

// stack is a gateway before a real emulator and real database servers.
type stack struct {
	config    aws.Config
	url       string
	databases *database.Servers
	emulator  *emulator.Emulator
}

func newStack(t *testing.T, glue awsjson.Operations) *stack {
	t.Helper()
	state := t.TempDir()
	emu, err := emulator.Start(t.Context(), emulator.Options{Command: testtools.Ministack(t), StateDir: filepath.Join(state, "emulator"), Region: region})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emu.Stop()) })
	s, url := serve(t, state, emu.URL(), glue)
	return &stack{config: config(url), url: url, databases: s, emulator: emu}
}

// serve runs a gateway with its state in a folder.
func serve(t *testing.T, state, emulatorURL string, glue awsjson.Operations) (*database.Servers, string) {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	servers, err := database.Open(database.Options{ServerDir: testtools.Database(t), StateDir: filepath.Join(state, "database"), Log: log})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	st, err := store.Open(filepath.Join(state, "services.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	labels := tags.New(st)
	if glue != nil {
		maps.Copy(glue, labels.Operations())
	}
	g, err := gateway.New(gateway.Options{
		EmulatorURL: emulatorURL, Region: region, Glue: glue, Tags: labels, Databases: servers, Store: st, Models: models(t), Log: log,
	})
	require.NoError(t, err)
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	return servers, server.URL
}

func models(t testing.TB) *awsmodel.Models {
	t.Helper()
	dir, err := awsmodel.Find(testtools.Ministack(t))
	require.NoError(t, err)
	m, err := awsmodel.Open(dir)
	require.NoError(t, err)
	return m
}

func config(url string) aws.Config {
	return awsclient.Config(region, url)
}
