package rotate

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"store-events/lambda/rotation/internal/login"
	"store-events/lambda/rotation/rotationapi"
)

// createUser updates a secret and its user for a deployment: it writes the facts into
// the secret, and sets the secret's password in the database.
func (r Rotation) createUser(ctx context.Context, e Event) error {
	stages, err := r.stages(ctx, e.SecretID)
	if err != nil {
		return err
	}
	if err := r.adoptFirst(ctx, e.SecretID, stages); err != nil {
		return err
	}
	stored, wanted, err := r.wanted(ctx, e)
	if err != nil {
		return err
	}
	if wanted.Master == "" {
		wanted, err = r.ownLogin(ctx, e.SecretID, stored, wanted)
	} else {
		err = r.ensure(ctx, wanted)
	}
	if err != nil {
		return err
	}
	return r.writeCurrent(ctx, e.SecretID, stored, wanted, stages)
}

// wanted returns the secret's current login, and the login with the event's facts.
func (r Rotation) wanted(ctx context.Context, e Event) (stored, wanted login.Login, err error) {
	stored, err = r.stored(ctx, &secretsmanager.GetSecretValueInput{SecretId: &e.SecretID, VersionStage: aws.String(current)})
	if err != nil {
		return stored, wanted, err
	}
	if wanted, err = stored.With(e.Facts); err != nil {
		return stored, wanted, err
	}
	return stored, wanted, wanted.Complete()
}

// ownLogin ensures that the database accepts the master's login, and returns the login
// to store in the secret. If a rotation has already set its password, ownLogin leaves
// it to the rotation, or stores it if the facts change.
func (r Rotation) ownLogin(ctx context.Context, secret string, stored, wanted login.Login) (login.Login, error) {
	works, stage, err := r.firstAcceptedLogin(ctx, secret, wanted, passwords...)
	switch {
	case err != nil:
		return login.Login{}, err
	case stage == current:
		return wanted, nil
	case stage == pending && stored.Same(wanted):
		return stored, nil
	case stage == pending:
		return works, nil
	default:
		return wanted, r.Server.SetOwnPassword(ctx, works, wanted.Password)
	}
}

// writeCurrent stores a login as the current version if it differs from the stored one.
// It also moves the label of a pending version, which ends a rotation in progress, so
// that Secrets Manager does not wait for it.
func (r Rotation) writeCurrent(ctx context.Context, secret string, stored, wanted login.Login, stages map[string][]string) error {
	if stored.Same(wanted) {
		return nil
	}
	text, err := wanted.Text()
	if err != nil {
		return fmt.Errorf("write the login: %w", err)
	}
	labels := []string{current}
	if version(stages, pending) != "" {
		labels = append(labels, pending)
	}
	_, err = r.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &secret, SecretString: &text, VersionStages: labels,
	})
	if err != nil {
		return fmt.Errorf("store the login: %w", err)
	}
	return nil
}

// adoptFirst makes the deployment's version the current one if the secret has no
// current value. Secrets Manager may have already done so.
func (r Rotation) adoptFirst(ctx context.Context, secret string, stages map[string][]string) error {
	now, err := r.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &secret})
	if err != nil && !absent(err) {
		return fmt.Errorf("read the current login: %w", err)
	}
	first := version(stages, rotationapi.First)
	if first == "" || err == nil && aws.ToString(now.SecretString) != "" {
		return nil
	}
	if err := r.makeCurrent(ctx, secret, first, stages); err != nil {
		return fmt.Errorf("make the first login the current one: %w", err)
	}
	return nil
}

// version returns the version with a label, or "".
func version(stages map[string][]string, label string) string {
	for v, labels := range stages {
		if slices.Contains(labels, label) {
			return v
		}
	}
	return ""
}
