// Package login is a database login as a secret holds it.
package login

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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

// Parse reads the value of a secret. Its errors do not quote it.
func Parse(text string) (Login, error) {
	var l Login
	if json.Unmarshal([]byte(text), &l) != nil || json.Unmarshal([]byte(text), &l.fields) != nil {
		return Login{}, errors.New("not a login in the form of RDS")
	}
	if l.Host == "" || l.Port == 0 || l.User == "" || l.Password == "" {
		return Login{}, errors.New("host, port, username and password must be there")
	}
	return l, nil
}

// Renewed is the secret's value with a new password, of letters and digits with
// 128 bits; all other keys stay as they are.
func (l Login) Renewed() (string, error) {
	fields := maps.Clone(l.fields)
	var err error
	if fields["password"], err = json.Marshal(rand.Text()); err != nil {
		return "", err
	}
	text, err := json.Marshal(fields)
	return string(text), err
}
