package rotate

import (
	"context"
	"fmt"

	"store-events/lambda/rotation/internal/login"
)

// check checks an existing server before the stack uses it.
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

// sameServer returns an error if a user's secret is for another server. Job and consumer
// read the server's address from their secrets.
func sameServer(stored, wanted login.Login) error {
	if stored.Host == wanted.Host && stored.Port == wanted.Port && stored.Database == wanted.Database {
		return nil
	}
	return fmt.Errorf("the secret has host %q, port %d and dbname %q, but the settings have databaseHost %q, databasePort %d and databaseName %q: write these into the secret",
		stored.Host, stored.Port, stored.Database, wanted.Host, wanted.Port, wanted.Database)
}
