// Package deploy drives the Pulumi engine for one stack of this project: the
// program runs inline, in this process, so that no language host is needed.
//
// A stack whose provider endpoints are a loopback address is a managed one: its
// backend, passphrase and settings live in the state folder and the project's
// own files are never written. Every other stack uses the backend, login and
// credentials that the user's pulumi CLI uses.
package deploy
