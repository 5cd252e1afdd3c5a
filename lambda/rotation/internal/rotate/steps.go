package rotate

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"store-events/lambda/rotation/internal/login"
	"store-events/lambda/rotation/rotationapi"
)

// errRefused means that a rotation's new password does not work (yet).
var errRefused = errors.New("the database rejects the pending login")

// pendingLogin returns the value of this rotation's version, and not one of an older
// rotation that was canceled.
func (r Rotation) pendingLogin(ctx context.Context, e Event) (login.Login, error) {
	return r.value(ctx, &secretsmanager.GetSecretValueInput{
		SecretId: &e.SecretID, VersionId: &e.ClientRequestToken, VersionStage: aws.String(pending),
	})
}

func absent(err error) bool {
	var missing *types.ResourceNotFoundException
	return errors.As(err, &missing)
}

// create stores the pending version: the current one with a new password.
func (r Rotation) create(ctx context.Context, e Event) error {
	if _, err := r.pendingLogin(ctx, e); !absent(err) {
		return err
	}
	now, err := r.read(ctx, e.SecretID, current)
	if err != nil {
		return err
	}
	text, err := now.Renewed()
	if err != nil {
		return fmt.Errorf("create the pending login: %w", err)
	}
	_, err = r.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &e.SecretID, ClientRequestToken: &e.ClientRequestToken,
		SecretString: &text, VersionStages: []string{pending},
	})
	if err != nil {
		return fmt.Errorf("store the pending login: %w", err)
	}
	return nil
}

// set sets the pending password in the database.
func (r Rotation) set(ctx context.Context, e Event) error {
	next, err := r.pendingLogin(ctx, e)
	if err != nil {
		return err
	}
	if done, err := r.Server.Accepts(ctx, next); done || err != nil {
		return err
	}
	if next.Master != "" {
		return r.ensure(ctx, next)
	}
	now, err := r.read(ctx, e.SecretID, current)
	if err != nil {
		return err
	}
	if now, _, err = r.firstAcceptedLogin(ctx, e.SecretID, now, current, previous, rotationapi.First); err != nil {
		return err
	}
	if now.User != next.User || now.Host != next.Host {
		return fmt.Errorf("the pending login is for %s, the current one for %s", next, now)
	}
	return r.Server.SetOwnPassword(ctx, now, next.Password)
}

// test logs in with the pending password. If a rotation is configured without an
// immediate run, Secrets Manager only calls this step, with a version that has no
// value; then test uses the current password.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (r Rotation) test(ctx context.Context, e Event) error {
	l, err := r.pendingLogin(ctx, e)
	if absent(err) {
		now, err := r.read(ctx, e.SecretID, current)
		if err != nil {
			return err
		}
		_, _, err = r.firstAcceptedLogin(ctx, e.SecretID, now, current)
		return err
	}
	if err != nil {
		return err
	}
	return r.accepted(ctx, l)
}

func (r Rotation) accepted(ctx context.Context, l login.Login) error {
	ok, err := r.Server.Accepts(ctx, l)
	if err == nil && !ok {
		return errRefused
	}
	return err
}

// finish makes the pending version the current one if the database accepts it.
func (r Rotation) finish(ctx context.Context, e Event, stages map[string][]string) error {
	l, err := r.pendingLogin(ctx, e)
	if err != nil {
		return err
	}
	if err := r.accepted(ctx, l); err != nil {
		return err
	}
	if err := r.makeCurrent(ctx, e.SecretID, e.ClientRequestToken, stages); err != nil {
		return fmt.Errorf("make the pending login the current one: %w", err)
	}
	return nil
}

// makeCurrent moves the label of the current version to another one.
func (r Rotation) makeCurrent(ctx context.Context, secret, next string, stages map[string][]string) error {
	in := &secretsmanager.UpdateSecretVersionStageInput{SecretId: &secret, VersionStage: aws.String(current), MoveToVersionId: &next}
	if now := version(stages, current); now != "" {
		in.RemoveFromVersionId = &now
	}
	_, err := r.Secrets.UpdateSecretVersionStage(ctx, in)
	return err
}
