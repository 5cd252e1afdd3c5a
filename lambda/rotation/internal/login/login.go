// Package login reads and changes database logins in secrets.
package login

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
)

// Login is the value of a secret in RDS's format:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
type Login struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	User     string `json:"username"`
	Password string `json:"password"`
	Database string `json:"dbname"`
	// Master is the ARN of the master's secret, empty in the master's secret.
	Master string `json:"masterarn"`

	fields map[string]json.RawMessage
}

// String returns the login without the password.
func (l Login) String() string { return fmt.Sprintf("%s at %s:%d", l.User, l.Host, l.Port) }

// GoString returns String.
func (l Login) GoString() string { return l.String() }

// Parse parses the value of a secret, of which only the password is required. Its
// errors do not quote the value.
func Parse(text string) (Login, error) {
	var l Login
	if json.Unmarshal([]byte(text), &l) != nil || json.Unmarshal([]byte(text), &l.fields) != nil {
		return Login{}, errors.New("not a login in RDS's format")
	}
	if l.Password == "" {
		return Login{}, errors.New("the password is missing")
	}
	return l, nil
}

// Complete returns an error if host, port or username is missing.
func (l Login) Complete() error {
	if l.Host == "" || l.Port == 0 || l.User == "" {
		return errors.New("host, port and username are required")
	}
	return nil
}

// everyClass has the character classes that MySQL's password policy requires and that
// rand.Text lacks: lower-case letters and special characters.
// https://dev.mysql.com/doc/refman/8.4/en/validate-password-options-variables.html
const everyClass = "-a1"

// Renewed returns the secret's value with a new password, which has at least 128 random
// bits and characters of each class. All other keys are unchanged.
func (l Login) Renewed() (string, error) {
	renewed, err := l.with("password", rand.Text()+everyClass)
	if err != nil {
		return "", err
	}
	return renewed.Text()
}

// Text returns the secret's value.
func (l Login) Text() (string, error) {
	text, err := json.Marshal(l.fields)
	return string(text), err
}

// With returns the login with new values of the given keys, except the password.
func (l Login) With(facts map[string]any) (Login, error) {
	for key, value := range facts {
		if key == "password" {
			return Login{}, errors.New("facts must not contain a password")
		}
		var err error
		if l, err = l.with(key, value); err != nil {
			return Login{}, err
		}
	}
	return l, nil
}

// WithPassword returns the login with the password of another login.
func (l Login) WithPassword(other Login) (Login, error) { return l.with("password", other.Password) }

func (l Login) with(key string, value any) (Login, error) {
	fields := maps.Clone(l.fields)
	var err error
	if fields[key], err = json.Marshal(value); err != nil {
		return Login{}, fmt.Errorf("write %s: %w", key, err)
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return Login{}, err
	}
	return Parse(string(text))
}

// Same reports whether two logins are equal in every key.
func (l Login) Same(other Login) bool {
	return maps.EqualFunc(l.fields, other.fields, func(a, b json.RawMessage) bool {
		var x, y any
		return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
	})
}
