// Command objects is an S3 server for benchmarks with many objects: it serves the
// streams of its buckets from a folder, after a delay like that of a network, and
// forwards all other requests to the emulator.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"time"
)

func main() {
	if err := run(); err != nil {
		slog.Error("the benchmark's S3 server failed", "error", err)
		os.Exit(1)
	}
}

func run() error {
	address := flag.String("address", "127.0.0.1:0", "address to listen on")
	folder := flag.String("folder", "", "folder of the objects, as bucket/key")
	upstream := flag.String("upstream", "", "URL of the server for all other requests")
	flag.Parse()
	target, err := url.Parse(*upstream)
	if err != nil {
		return fmt.Errorf("-upstream: %w", err)
	}
	rest := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target); r.Out.Host = r.In.Host }}
	rest.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", *address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: &store{folder: *folder, rest: rest}, ReadHeaderTimeout: time.Minute}
	if err := server.Serve(listener); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
