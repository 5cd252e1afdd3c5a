package rotate

import (
	"context"
	"fmt"

	"store-events/lambda/rotation/internal/login"
)

// check checks a server that the stack did not make, before anything uses it.
func (r Rotation) check(ctx context.Context, e Event) error {
	stored, wanted, err := r.wanted(ctx, e)
	if err != nil {
		return err
	}
	if e.Grants != nil {
		if err := sameServer(stored, wanted); err != nil {
			return err
		}
	}
	return r.Server.Check(ctx, wanted, e.Connections, e.Grants)
}

// sameServer refuses the secret of a user that names another server: job and
// consumer find the server in their secret.
func sameServer(stored, wanted login.Login) error {
	if stored.Host == wanted.Host && stored.Port == wanted.Port && stored.Database == wanted.Database {
		return nil
	}
	return fmt.Errorf("the secret names host %q, port %d and dbname %q, and the settings databaseHost %q, databasePort %d and databaseName %q: write these into the secret",
		stored.Host, stored.Port, stored.Database, wanted.Host, wanted.Port, wanted.Database)
}
