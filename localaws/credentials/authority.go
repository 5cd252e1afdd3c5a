package credentials

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"localaws/atomicfile"
)

// file contains the access key of the state folder's owner. Only the owner can read it.
const file = "credentials.json"

// Authority issues and verifies the credentials of one state folder. It stores no sessions: a session token contains
// its role and an HMAC with the folder's secret.
type Authority struct {
	// Advice is appended to the error for requests without an access key of this local AWS: how to get one. Set it
	// before the first call of Verify.
	Advice string
	root   aws.Credentials
	now    func() time.Time
}

// Open returns the Authority of a state folder, and creates the access key if it does not exist.
func Open(stateDir string) (*Authority, error) {
	root, err := Read(stateDir)
	if errors.Is(err, fs.ErrNotExist) {
		root = aws.Credentials{AccessKeyID: "AKIA" + random()[:16], SecretAccessKey: random()[:40]}
		err = write(stateDir, root)
	}
	if err != nil {
		return nil, err
	}
	return &Authority{root: root, now: time.Now}, nil
}

// random returns at least 160 bits, as letters and digits.
func random() string { return rand.Text() + rand.Text() }

// keyFile is the JSON document in the file.
type keyFile struct {
	AccessKeyID     string `json:"accessKeyId"`
	SecretAccessKey string `json:"secretAccessKey"`
}

// Read returns the access key of a state folder's owner. It returns fs.ErrNotExist if the local AWS never ran there,
// and an error if other users can read the file.
func Read(stateDir string) (aws.Credentials, error) {
	path := filepath.Join(stateDir, file)
	info, err := os.Stat(path)
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("access key of the local AWS: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return aws.Credentials{}, fmt.Errorf("%s contains an access key and is readable by others: chmod 600 %s", path, path)
	}
	raw, err := os.ReadFile(path) //nolint:gosec // in the state folder
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("access key of the local AWS: %w", err)
	}
	var s keyFile
	// The decoder's error is dropped, because it may quote the secret.
	if json.Unmarshal(raw, &s) != nil || s.AccessKeyID == "" || s.SecretAccessKey == "" {
		return aws.Credentials{}, fmt.Errorf("%s is damaged: stop the local AWS and remove the file; the next start creates a new access key", path)
	}
	return aws.Credentials{AccessKeyID: s.AccessKeyID, SecretAccessKey: s.SecretAccessKey}, nil
}

func write(stateDir string, c aws.Credentials) error {
	raw, err := json.Marshal(keyFile{c.AccessKeyID, c.SecretAccessKey})
	if err != nil {
		return fmt.Errorf("encode the access key: %w", err)
	}
	if err := atomicfile.Write(filepath.Join(stateDir, file), raw); err != nil {
		return fmt.Errorf("save the access key: %w", err)
	}
	return nil
}

// Root returns the access key of the folder's owner.
func (a *Authority) Root() aws.Credentials { return a.root }

// SessionKey returns the key that signs session tokens. The emulator also issues sessions with it, for its functions:
// launch.py implements Issue.
func (a *Authority) SessionKey() []byte {
	return mac([]byte(a.root.SecretAccessKey), "session key", "")
}

// session is the payload of a session token.
type session struct {
	Role     string   `json:"role"`
	Name     string   `json:"name"`
	Expires  int64    `json:"exp"` // Unix seconds
	Workload Workload `json:"workload,omitzero"`
}

// Issue returns session credentials of a role.
func (a *Authority) Issue(p Principal, lifetime time.Duration) (aws.Credentials, error) {
	if p.Root() || p.SessionName == "" {
		return aws.Credentials{}, errors.New("a session needs a role and a name")
	}
	expires := a.now().Add(lifetime).Truncate(time.Second)
	raw, err := json.Marshal(session{p.RoleARN, p.SessionName, expires.Unix(), p.Workload})
	if err != nil {
		return aws.Credentials{}, fmt.Errorf("encode the session: %w", err)
	}
	c := a.derive(base64.RawURLEncoding.EncodeToString(raw))
	c.CanExpire, c.Expires = true, expires
	return c, nil
}

// derive returns the credentials for a token's encoded payload.
func (a *Authority) derive(claims string) aws.Credentials {
	key := a.SessionKey()
	return aws.Credentials{
		AccessKeyID:     "ASIA" + base32.StdEncoding.EncodeToString(mac(key, "id", claims))[:16],
		SecretAccessKey: base64.RawURLEncoding.EncodeToString(mac(key, "secret", claims))[:40],
		SessionToken:    claims + "." + base64.RawURLEncoding.EncodeToString(mac(key, "token", claims)),
	}
}

func mac(key []byte, purpose, message string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(purpose + ":" + message)) // Never fails.
	return h.Sum(nil)
}

// find returns the secret and the principal of an access key.
func (a *Authority) find(keyID, token string) (secret string, p Principal, err error) {
	if token == "" && hmac.Equal([]byte(keyID), []byte(a.root.AccessKeyID)) {
		return a.root.SecretAccessKey, Principal{}, nil
	}
	if token == "" {
		return "", p, refuse(UnknownKey, "access key %.20q does not belong to this local AWS", keyID)
	}
	claims, _, _ := strings.Cut(token, ".")
	c := a.derive(claims)
	if !hmac.Equal([]byte(token), []byte(c.SessionToken)) || !hmac.Equal([]byte(keyID), []byte(c.AccessKeyID)) {
		return "", p, refuse(InvalidToken, "the session token does not belong to this local AWS")
	}
	var s session
	raw, err := base64.RawURLEncoding.DecodeString(claims)
	if err != nil || json.Unmarshal(raw, &s) != nil || s.Role == "" || s.Name == "" {
		return "", p, refuse(InvalidToken, "the session token is damaged")
	}
	if a.now().After(time.Unix(s.Expires, 0)) {
		return "", p, refuse(ExpiredToken, "the session expired")
	}
	return c.SecretAccessKey, Principal{RoleARN: s.Role, SessionName: s.Name, Workload: s.Workload}, nil
}
