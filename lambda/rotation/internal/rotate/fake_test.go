package rotate

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"store-events/lambda/rotation/internal/dbuser"
	"store-events/lambda/rotation/internal/login"
)

// secret is a secret of an in-memory Secrets Manager. TestRotation uses the emulator and a
// real database; the tests with fakes cover each step separately, and all errors.
type secret struct {
	texts  map[string]string   // By version.
	labels map[string][]string // By version.
}

func (s *secret) at(label string) string { return version(s.labels, label) }

func (s *secret) move(label, to string) {
	if from := s.at(label); from != "" {
		s.labels[from] = slices.DeleteFunc(s.labels[from], func(l string) bool { return l == label })
		if label == current && from != to {
			s.move(previous, from)
		}
	}
	s.labels[to] = append(s.labels[to], label)
}

// fakes are secrets by ID, the passwords of a server's users, and a record of calls.
type fakes struct {
	secrets map[string]*secret
	fail    map[string]bool // Operations of Secrets Manager that fail.
	denials int             // The number of next calls of Secrets Manager that are denied.

	passwords map[string]string
	broken    error // Returned by every call of the server.
	done      []string
}

type request struct {
	SecretId, VersionId, VersionStage, ClientRequestToken, SecretString string  //nolint:revive // Names from AWS's API.
	MoveToVersionId                                                     string  //nolint:revive // Names from AWS's API.
	RemoveFromVersionId                                                 *string //nolint:revive // Names from AWS's API.
	VersionStages                                                       []string
}

func (f *fakes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in request
	if json.NewDecoder(r.Body).Decode(&in) != nil || f.fail[operation] {
		http.Error(w, `{"__type":"InvalidRequestException"}`, http.StatusBadRequest)
		return
	}
	if f.denials > 0 {
		f.denials--
		http.Error(w, `{"__type":"AccessDeniedException"}`, http.StatusBadRequest)
		return
	}
	out, found := f.answer(operation, in)
	if !found {
		http.Error(w, `{"__type":"ResourceNotFoundException"}`, http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (f *fakes) answer(operation string, in request) (out map[string]any, found bool) {
	s := f.secrets[in.SecretId]
	if s == nil {
		return nil, false
	}
	switch operation {
	case "DescribeSecret":
		return map[string]any{"VersionIdsToStages": s.labels}, true
	case "GetSecretValue":
		label := in.VersionStage
		if label == "" {
			label = current
		}
		v := s.at(label)
		if v == "" || in.VersionId != "" && in.VersionId != v {
			return nil, false
		}
		return map[string]any{"SecretString": s.texts[v], "VersionId": v}, true
	case "PutSecretValue":
		if in.ClientRequestToken == "" {
			return nil, false // The SDK always sends a token.
		}
		s.texts[in.ClientRequestToken] = in.SecretString
		for _, label := range in.VersionStages {
			s.move(label, in.ClientRequestToken)
		}
	case "UpdateSecretVersionStage":
		if from, v := in.RemoveFromVersionId, s.at(in.VersionStage); from == nil && v != "" || from != nil && (*from == "" || *from != v) {
			return nil, false // AWS requires the version that has the label.
		}
		s.move(in.VersionStage, in.MoveToVersionId)
	}
	return map[string]any{}, true
}

func (f *fakes) Accepts(_ context.Context, l login.Login) (bool, error) {
	return f.broken == nil && f.passwords[l.User] == l.Password, f.broken
}

func (f *fakes) SetOwnPassword(_ context.Context, by login.Login, password string) error {
	if f.passwords[by.User] != by.Password {
		return errors.New("access denied")
	}
	f.passwords[by.User] = password
	f.done = append(f.done, "set by "+by.String())
	return nil
}

func (f *fakes) Ensure(_ context.Context, by, user login.Login, grants dbuser.Grants) error {
	if f.passwords[by.User] != by.Password {
		return errors.New("access denied")
	}
	f.passwords[user.User] = user.Password
	f.done = append(f.done, user.String()+" by "+by.String()+" with "+strings.Join(grants.Privileges, ","))
	return nil
}

func (f *fakes) Check(_ context.Context, l login.Login, connections int, grants *dbuser.Grants) error {
	text, _ := json.Marshal(map[string]any{"login": l.String(), "password": l.Password, "connections": connections, "grants": grants})
	f.done = append(f.done, string(text))
	return f.broken
}

const (
	masterText = `{"host":"db","port":3306,"username":"admin","password":"master now","dbname":"shop","more":"kept"}`
	userText   = `{"host":"db","port":3306,"username":"loader","password":"now","dbname":"shop","masterarn":"master"}`
)

// newFakes returns a master and a user with the passwords in their secrets.
func newFakes(t *testing.T) (*fakes, Rotation) {
	t.Helper()
	f := &fakes{fail: map[string]bool{}, passwords: map[string]string{"admin": "master now", "loader": "now"}, secrets: map[string]*secret{
		"master": {texts: map[string]string{"v1": masterText}, labels: map[string][]string{"v1": {current}}},
		"user":   {texts: map[string]string{"v1": userText}, labels: map[string][]string{"v1": {current}}},
	}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return f, Rotation{
		Secrets: secretsmanager.New(secretsmanager.Options{
			BaseEndpoint: &server.URL, Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), RetryMaxAttempts: 1,
		}),
		Server: f, Grants: map[string]dbuser.Grants{"loader": {Privileges: []string{"SELECT"}}},
	}
}

// add adds a version to a secret.
func (f *fakes) add(id, version, text string, labels ...string) {
	f.secrets[id].texts[version] = text
	for _, label := range labels {
		f.secrets[id].move(label, version)
	}
}

// text returns the value of a secret's version with the label.
func (f *fakes) text(t *testing.T, id, label string) map[string]any {
	t.Helper()
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(f.secrets[id].texts[f.secrets[id].at(label)]), &m))
	return m
}

func with(text, password string) string {
	l, _ := login.Parse(text)
	other, _ := login.Parse(`{"password":"` + password + `"}`)
	l, _ = l.WithPassword(other)
	text, _ = l.Text()
	return text
}
