package matcher

import (
	"regexp"
	"slices"
	"strings"
)

// kind is the kind of value that the name of a property suggests.
type kind int

const (
	notCredential kind = iota
	password
	// token names may also be names of tokens' names and IDs.
	token
	// authentication may also be the name of a method.
	authentication
)

var (
	wordBreak = regexp.MustCompile(`[^A-Za-z0-9]+`)
	camel     = regexp.MustCompile(`([a-z0-9])([A-Z])`)
)

// words splits a name such as dbPassword, DB_PASSWORD or --db-password.
func words(name string) []string {
	spaced := camel.ReplaceAllString(name, "$1 $2")
	return strings.Fields(strings.ToLower(wordBreak.ReplaceAllString(spaced, " ")))
}

// about are words that change the meaning after the name of a credential.
var about = []string{
	"age", "arn", "arns", "column", "count", "days", "encryption", "endpoint", "expiry", "field", "file", "format", "generator",
	"hash", "header", "hint", "id", "ids", "key", "kms", "length", "location", "manager", "max", "min", "name", "names", "param",
	"parameter", "path", "pattern", "policy", "prefix", "provider", "ref", "reset", "rotation", "secret", "source", "store", "ttl",
	"type", "uri", "url", "version",
}

// encodings are words at the end of a name that, like numbers, do not change its meaning.
var encodings = []string{"value", "string", "text", "plain", "plaintext", "b64", "base64", "old", "new"}

// keys are words before "key" that make it a credential.
var keys = []string{"access", "account", "api", "encryption", "hmac", "private", "secret", "shared", "signing"}

// requests are words before "token" that make it an idempotency token or a position in a list.
var requests = []string{"client", "continuation", "creator", "idempotency", "next", "page", "request"}

// nameKind returns the kind of value that a name suggests.
func nameKind(name string) kind {
	list := words(name)
	for len(list) > 1 && (slices.Contains(encodings, list[len(list)-1]) || strings.Trim(list[len(list)-1], "0123456789") == "") {
		list = list[:len(list)-1]
	}
	for i, word := range list {
		if isPassword(word) && !slices.ContainsFunc(list[i+1:], func(w string) bool { return slices.Contains(about, w) }) {
			return password
		}
	}
	if len(list) == 0 {
		return notCredential
	}
	before := ""
	if len(list) > 1 {
		before = list[len(list)-2]
	}
	switch last := list[len(list)-1]; {
	case last == "token" && !slices.Contains(requests, before), last == "secret", strings.HasSuffix(last, "apikey"),
		last == "credential", last == "credentials", last == "key" && slices.Contains(keys, before):
		return token
	case last == "auth":
		return authentication
	}
	return notCredential
}

// isPassword reports whether a word means a password. PGPASSWORD is one word.
func isPassword(word string) bool {
	for _, suffix := range []string{"password", "passwd", "pwd", "passwort", "kennwort"} {
		if strings.HasSuffix(strings.TrimRight(word, "0123456789"), suffix) {
			return true
		}
	}
	return slices.Contains([]string{"pass", "passphrase", "passcode", "pw", "dbpw", "dbpass", "userpw"}, word)
}
