// Command proxy runs proxies between the job and its servers that fail on request: toxiproxy for the database, with
// two more toxics, and an HTTP proxy for S3. Both listen on this machine only.
package main

import (
	"flag"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/Shopify/toxiproxy/v2/toxics"
	"github.com/rs/zerolog"
)

func main() {
	api := flag.String("api", "", "address of toxiproxy's API")
	s3 := flag.String("s3", "", "address of the HTTP proxy")
	upstream := flag.String("upstream", "", "URL of the AWS endpoint behind the HTTP proxy")
	flag.Parse()
	if err := serve(*api, *s3, *upstream); err != nil {
		slog.Error("the fault proxy failed", "error", err)
		os.Exit(1)
	}
}

func serve(api, s3, upstream string) error {
	handler, err := newFlaky(upstream)
	if err != nil {
		return err
	}
	toxics.Register("cut", new(Cut))
	toxics.Register("silence", new(Silence))
	failed := make(chan error, 2)
	go func() {
		failed <- toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()).Listen(api)
	}()
	go func() {
		server := http.Server{Addr: s3, Handler: handler, ReadHeaderTimeout: time.Minute}
		failed <- server.ListenAndServe()
	}()
	return <-failed
}
