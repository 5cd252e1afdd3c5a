// Package rotationapi defines the names that a deployment and the rotation function
// share.
package rotationapi

const (
	// CreateUser is the step by which a deployment makes the user of a secret.
	CreateUser = "createUser"
	// CheckDatabase is the step by which a deployment checks a server that it did not
	// make, by the login of a secret.
	CheckDatabase = "checkDatabase"
	// First is the label of the version of a secret that the deployment writes.
	// Every later version is the function's: so nothing that the deployment does
	// can bring the first password back once it was changed.
	First = "FIRST"
)
