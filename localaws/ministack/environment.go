package ministack

import (
	"cmp"
	"net/url"
	"path/filepath"
	"slices"

	"localaws/process"
)

// environment returns MiniStack's settings, which are all environment variables.
func environment(o Options, socket string) []string {
	in := func(name string) string { return filepath.Join(o.StateDir, name) }
	return process.Env(append(slices.Clone(o.Env),
		"LOCALAWS_EMULATOR_SOCKET="+socket,
		// The emulator puts this port into addresses that it returns.
		"GATEWAY_PORT="+portOf(o.GatewayURL),
		"PERSIST_STATE=1",
		"STATE_DIR="+in("state"),
		"S3_PERSIST=1",
		"S3_DATA_DIR="+in("s3"),
		"TMPDIR="+in("tmp"),
		"IOT_MTLS_ENABLED=0",
		"SFTP_ENABLED=0",
		"MINISTACK_REGION="+o.Region,
		"AWS_DEFAULT_REGION="+o.Region,
		// Functions inherit it, and must call the gateway, not the emulator.
		"AWS_ENDPOINT_URL="+o.GatewayURL,
		"LAMBDA_EXECUTOR=local",
		// With Docker, databases and functions would become containers.
		"DOCKER_HOST=unix://"+in("no-docker.sock"),
		"PYTHONUNBUFFERED=1",
	)...)
}

func portOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "80"
	}
	return cmp.Or(u.Port(), "80")
}
