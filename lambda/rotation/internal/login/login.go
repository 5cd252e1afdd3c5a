// Package login is a database login as a secret holds it.
package login

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
)

// Login is the value of a secret in the form that RDS writes:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
type Login struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	User     string `json:"username"`
	Password string `json:"password"`
	Database string `json:"dbname"`
	// Master is the ARN of the master's secret; empty in that secret itself.
	Master string `json:"masterarn"`

	fields map[string]json.RawMessage
}

// String has no password in it.
func (l Login) String() string { return fmt.Sprintf("%s at %s:%d", l.User, l.Host, l.Port) }

// GoString is String.
func (l Login) GoString() string { return l.String() }

// Parse reads the value of a secret, which may have the password only. Its errors
// do not quote it.
func Parse(text string) (Login, error) {
	var l Login
	if json.Unmarshal([]byte(text), &l) != nil || json.Unmarshal([]byte(text), &l.fields) != nil {
		return Login{}, errors.New("not a login in the form of RDS")
	}
	if l.Password == "" {
		return Login{}, errors.New("the password must be there")
	}
	return l, nil
}

// Complete returns an error unless the login is enough to log in.
func (l Login) Complete() error {
	if l.Host == "" || l.Port == 0 || l.User == "" {
		return errors.New("host, port and username must be there")
	}
	return nil
}

// everyClass has what rand.Text lacks of the characters that MySQL's policy for passwords asks for: a lower-case letter
// and a special one.
// https://dev.mysql.com/doc/refman/8.4/en/validate-password-options-variables.html
const everyClass = "-a1"

// Renewed is the secret's value with a new password, with at least 128 random bits and
// characters of every class; all other keys stay as they are.
func (l Login) Renewed() (string, error) {
	renewed, err := l.with("password", rand.Text()+everyClass)
	if err != nil {
		return "", err
	}
	return renewed.Text()
}

// Text is the secret's value.
func (l Login) Text() (string, error) {
	text, err := json.Marshal(l.fields)
	return string(text), err
}

// With is the login with other values of some keys, except for the password.
func (l Login) With(facts map[string]any) (Login, error) {
	for key, value := range facts {
		if key == "password" {
			return Login{}, errors.New("a password is not a fact of a login")
		}
		var err error
		if l, err = l.with(key, value); err != nil {
			return Login{}, err
		}
	}
	return l, nil
}

// WithPassword is the login with the password of another one.
func (l Login) WithPassword(of Login) (Login, error) { return l.with("password", of.Password) }

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
