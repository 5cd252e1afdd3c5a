package gateway_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/awsmodel"
	"localaws/gateway"
)

// BenchmarkGateway measures what the checks add to a request, with a fake emulator.
func BenchmarkGateway(b *testing.B) {
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) }))
	defer emulator.Close()
	for _, c := range []struct {
		name   string
		models *awsmodel.Models
	}{{"unchecked", nil}, {"checked", models(b)}} {
		b.Run(c.name, func(b *testing.B) {
			g, err := gateway.New(gateway.Options{EmulatorURL: emulator.URL, Region: region, Models: c.models, Log: slog.New(slog.DiscardHandler)})
			require.NoError(b, err)
			for b.Loop() {
				r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/", strings.NewReader(`{"DatabaseName":"sales","Name":"events"}`))
				r.Header.Set("X-Amz-Target", "AWSGlue.GetTable")
				w := httptest.NewRecorder()
				g.ServeHTTP(w, r)
				require.Equal(b, http.StatusOK, w.Code)
			}
		})
	}
}
