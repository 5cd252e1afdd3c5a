package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/localendpoint"
)

// Operations and checks of the account use the provider's credentials, not the caller's
// default, which may be of another account with a stack of the same name.
func TestAccountFollowsTheSettings(t *testing.T) {
	var asked url.Values
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		asked = r.Form
		_, _ = fmt.Fprint(w, `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIAROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey>`+
			`<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`)
	}))
	t.Cleanup(sts.Close)
	profiles := filepath.Join(t.TempDir(), "config")
	require.NoError(t, os.WriteFile(profiles, []byte("[default]\naws_access_key_id = AKIADEFAULT\naws_secret_access_key = s\n"+
		"[profile prod]\naws_access_key_id = AKIAPROD\naws_secret_access_key = s\n"), 0o600))
	for name, value := range map[string]string{
		"AWS_CONFIG_FILE": profiles, "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_ENDPOINT_URL_STS": sts.URL,
		"AWS_PROFILE": "", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_ENDPOINT_URL": "",
	} {
		t.Setenv(name, value)
	}
	const role = "  aws:assumeRole:\n    roleArn: arn:aws:iam::123456789012:role/deploy\n    externalId: shop\n"
	for name, tc := range map[string]struct{ settings, as, want string }{
		"default":               {"", "", "AKIADEFAULT"},
		"profile":               {"  aws:profile: prod\n", "", "AKIAPROD"},
		"role":                  {role, "", "AKIAROLE"},
		"role, through profile": {"  aws:profile: prod\n" + role, "", "AKIAROLE"},
		"role of --as":          {role, "arn:aws:iam::123456789012:role/other", "AKIAROLE"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := projectWith(t)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte("config:\n  aws:region: eu-west-1\n"+tc.settings), 0o600))
			a := &app{project: dir, stack: "dev", as: tc.as, emulated: sts.URL}
			cfg, err := a.deployerConfig(t.Context(), "")
			require.NoError(t, err)
			require.Equal(t, "eu-west-1", cfg.Region)
			got, err := cfg.Credentials.Retrieve(t.Context())
			require.NoError(t, err)
			require.Equal(t, tc.want, got.AccessKeyID)
			switch {
			case tc.as != "":
				require.Equal(t, tc.as, asked.Get("RoleArn"))
				require.Empty(t, asked.Get("ExternalId"))
			case tc.want == "AKIAROLE":
				require.Equal(t, "arn:aws:iam::123456789012:role/deploy", asked.Get("RoleArn"))
				require.Equal(t, "shop", asked.Get("ExternalId"))
			}
		})
	}
}

// After `storeevents local env` the engine would look up the resources of a stack on AWS on
// this machine, not find them, and save a state without them.
func TestStackOnAWSIsNotLookedUpLocally(t *testing.T) {
	dir := projectWith(t)
	all := "unset AWS_ACCESS_KEY_ID AWS_DEFAULT_REGION AWS_ENDPOINT_URL AWS_REGION AWS_SECRET_ACCESS_KEY"
	for _, args := range [][]string{{"preflight"}, {"preview"}, {"up"}, {"down", "--lift-protection"}, {"status"}, {"outputs"}, {"ui"}, {"policy", "check"}} {
		for variable, want := range map[string]string{localendpoint.Variable: all, localendpoint.Variable + "_S3": "unset AWS_ENDPOINT_URL_S3"} {
			t.Run(args[0]+" "+variable, func(t *testing.T) {
				t.Setenv(localendpoint.Variable, "")
				t.Setenv(variable, "http://127.0.0.1:4566")
				state := t.TempDir()
				status, _, stderr := invoke(t, "dev\n", append(args, "--stack", "dev", "--project", dir, "--state", state)...)
				require.Equal(t, 1, status)
				require.Contains(t, stderr, variable+"=http://127.0.0.1:4566 sends requests to this machine, and stack dev is on AWS")
				require.Contains(t, stderr, "\n  "+want+"\n")
				require.NotContains(t, stderr, "Type its name")
			})
		}
	}
}

func TestRemoteEndpointsAreAllowed(t *testing.T) {
	t.Setenv(localendpoint.Variable, "https://vpce-1.s3.eu-west-1.vpce.amazonaws.com")
	require.NoError(t, (&app{stack: "dev"}).reachesAWS(""))
	t.Setenv(localendpoint.Variable, "http://localhost:4566")
	require.Error(t, (&app{stack: "dev"}).reachesAWS(""))
	require.NoError(t, (&app{stack: "local"}).reachesAWS("http://127.0.0.1:4566"))
	t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
	require.NoError(t, (&app{stack: "dev"}).reachesAWS(""), "clients ignore the others")
}
