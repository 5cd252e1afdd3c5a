// Package deploy drives the Pulumi engine for one stack of this project: the
// program runs inline, in this process, so that no language host is needed.
//
// A stack whose provider endpoints are a loopback address is managed locally: its
// backend, passphrase and settings are in the state folder, and the project's files
// are never written. All other stacks use the backend, login and credentials of the
// user's pulumi CLI.
package deploy
