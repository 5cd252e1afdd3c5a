// Package rotationapi defines the names that a deployment and the rotation function
// share.
package rotationapi

const (
	// CreateUser is the step in which a deployment creates a secret's user.
	CreateUser = "createUser"
	// CheckDatabase is the step in which a deployment checks an existing server with a
	// secret's login.
	CheckDatabase = "checkDatabase"
	// First is the label of the secret's version that the deployment writes. Only the
	// function writes later versions, so that a deployment never restores the first
	// password after a rotation.
	First = "FIRST"
)
