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

// createUser brings a secret and its user in line with a deployment: the secret
// gets the facts and keeps its password, the database gets that password.
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

// wanted returns the secret's current login, and the same with the facts of the
// event.
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

// ownLogin makes sure that the database takes the master's wanted login, and gives
// the login to keep in the secret. A rotation that has already set its password
// is left alone, or finished if the facts change.
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

// writeCurrent writes a login that differs from the stored one as the current version.
// The label of a pending version comes along: a rotation under way ends, and
// Secrets Manager does not wait for it.
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

// adoptFirst makes the deployment's version the current one of a secret that has
// no current value. Secrets Manager itself may have done so.
func (r Rotation) adoptFirst(ctx context.Context, secret string, stages map[string][]string) error {
	now, err := r.Secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &secret})
	if err != nil && !absent(err) {
		return fmt.Errorf("read the current login: %w", err)
	}
	first := version(stages, rotationapi.First)
	if first == "" || err == nil && aws.ToString(now.SecretString) != "" {
		return nil
	}
	in := &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &secret, VersionStage: aws.String(current), MoveToVersionId: &first,
	}
	if empty := version(stages, current); empty != "" {
		in.RemoveFromVersionId = &empty
	}
	if _, err := r.Secrets.UpdateSecretVersionStage(ctx, in); err != nil {
		return fmt.Errorf("make the first login the current one: %w", err)
	}
	return nil
}

// version is the version that has a label, or empty.
func version(stages map[string][]string, label string) string {
	for v, labels := range stages {
		if slices.Contains(labels, label) {
			return v
		}
	}
	return ""
}
