package database

import "regexp"

// validID matches valid instance names, apart from their length.
var validID = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*(-[A-Za-z0-9]+)*$`)

// maxID is the maximum length of an instance's name.
const maxID = 63

// InvalidIDError means that the name of an instance is invalid.
type InvalidIDError struct{ ID string }

func (e *InvalidIDError) Error() string {
	return "The parameter DBInstanceIdentifier is not a valid identifier. Identifiers must have 1 to 63 characters, begin with a letter, " +
		"contain only ASCII letters, digits and hyphens, and must not end with a hyphen or contain two consecutive hyphens."
}

// CheckID validates an instance name by the rules of RDS. A valid name is safe in a path:
// https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
func CheckID(id string) error {
	if len(id) > maxID || !validID.MatchString(id) {
		return &InvalidIDError{ID: id}
	}
	return nil
}
