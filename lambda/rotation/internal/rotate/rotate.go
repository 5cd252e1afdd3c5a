// Package rotate changes passwords in the four steps that Secrets Manager asks
// for, each of which may be repeated, and makes the users whose passwords they are:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
//
// The master changes its own password. That of every other user is set by the
// master, whose secret is named in the user's: so it does not matter whether the
// current password still works, nor whether the user is still there.
//
// For a moment, from setSecret to finishSecret, the current value of the secret is
// no longer the password. Connections that are open stay open; who is refused
// reads the secret again.
package rotate

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"store-events/lambda/rotation/internal/dbuser"
	"store-events/lambda/rotation/internal/login"
	"store-events/lambda/rotation/rotationapi"
)

// Stages of a secret's versions.
const (
	current  = "AWSCURRENT"
	pending  = "AWSPENDING"
	previous = "AWSPREVIOUS"
)

// passwords are the stages whose password the database may still have. The
// first one comes back when the database is made again.
var passwords = []string{current, pending, previous, rotationapi.First}

// Event is one step, as Secrets Manager or a deployment sends it.
type Event struct {
	Step               string
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
	// Facts are the keys of the login, except for the password, as the deployment
	// knows them. They belong to the step createUser.
	Facts map[string]any
	// Connections and Grants belong to the step checkDatabase: how many connections the
	// job opens, and what the login's user must be able to do. Without Grants the login
	// is an administrator's, who makes the users.
	Connections int
	Grants      *dbuser.Grants
}

// Server creates users of the database and sets their passwords. dbuser.Server implements it.
type Server interface {
	Accepts(ctx context.Context, l login.Login) (bool, error)
	SetOwnPassword(ctx context.Context, by login.Login, password string) error
	Ensure(ctx context.Context, by, user login.Login, grants dbuser.Grants) error
	Check(ctx context.Context, l login.Login, connections int, grants *dbuser.Grants) error
}

// Rotation rotates the secrets of one database.
type Rotation struct {
	Secrets *secretsmanager.Client
	Server  Server
	// Grants are those of every user but the master, by the user's name.
	Grants map[string]dbuser.Grants
}

// Handle does one step.
func (r Rotation) Handle(ctx context.Context, e Event) error {
	if err := r.step(ctx, e); err != nil {
		return fmt.Errorf("%s of %s: %w", e.Step, e.SecretID, err)
	}
	return nil
}

func (r Rotation) step(ctx context.Context, e Event) error {
	if e.Step == rotationapi.CreateUser {
		return r.createUser(ctx, e)
	}
	if e.Step == rotationapi.CheckDatabase {
		return r.check(ctx, e)
	}
	stages, err := r.stages(ctx, e.SecretID)
	if err != nil {
		return err
	}
	if slices.Contains(stages[e.ClientRequestToken], current) {
		return nil // A repeated step of a rotation that is over.
	}
	switch e.Step {
	case "createSecret":
		return r.create(ctx, e)
	case "setSecret":
		return r.set(ctx, e)
	case "testSecret":
		return r.test(ctx, e)
	case "finishSecret":
		return r.finish(ctx, e, stages)
	default:
		return errors.New("no such step of a rotation")
	}
}

// ensure sets a user's password as the master user. While the master's own is
// being rotated, that is the pending one for a moment.
func (r Rotation) ensure(ctx context.Context, user login.Login) error {
	grants, configured := r.Grants[user.User]
	if !configured {
		return fmt.Errorf("no grants are configured for user %s", user.User)
	}
	now, err := r.master(ctx, user)
	if err != nil {
		return fmt.Errorf("master: %w", err)
	}
	master, _, err := r.firstAcceptedLogin(ctx, user.Master, now, passwords...)
	if err != nil {
		return fmt.Errorf("master: %w", err)
	}
	return r.Server.Ensure(ctx, master, user, grants)
}

// master is the current login of the master of a user. A secret that RDS manages has
// no address: it is the user's.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
func (r Rotation) master(ctx context.Context, user login.Login) (login.Login, error) {
	l, err := r.stored(ctx, &secretsmanager.GetSecretValueInput{SecretId: &user.Master, VersionStage: aws.String(current)})
	if err != nil {
		return login.Login{}, err
	}
	if l.Host == "" {
		if l, err = l.With(map[string]any{"host": user.Host, "port": user.Port}); err != nil {
			return login.Login{}, err
		}
	}
	return l, l.Complete()
}

// firstAcceptedLogin is a login with the first password among some stages of its secret that
// the database takes, and that stage.
func (r Rotation) firstAcceptedLogin(ctx context.Context, secret string, l login.Login, stages ...string) (works login.Login, stage string, err error) {
	for _, stage := range stages {
		stored, err := r.stored(ctx, &secretsmanager.GetSecretValueInput{SecretId: &secret, VersionStage: &stage})
		if absent(err) {
			continue
		}
		if err != nil {
			return login.Login{}, "", err
		}
		if works, err = l.WithPassword(stored); err != nil {
			return login.Login{}, "", err
		}
		accepted, err := r.Server.Accepts(ctx, works)
		if accepted || err != nil {
			return works, stage, err
		}
	}
	return login.Login{}, "", fmt.Errorf("the database refuses the login of %s in every stage of %v", secret, stages)
}

func (r Rotation) stages(ctx context.Context, secret string) (map[string][]string, error) {
	out, err := r.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &secret})
	if err != nil {
		return nil, fmt.Errorf("describe the secret: %w", err)
	}
	return out.VersionIdsToStages, nil
}

func (r Rotation) read(ctx context.Context, secret, stage string) (login.Login, error) {
	return r.value(ctx, &secretsmanager.GetSecretValueInput{SecretId: &secret, VersionStage: &stage})
}

func (r Rotation) value(ctx context.Context, in *secretsmanager.GetSecretValueInput) (login.Login, error) {
	l, err := r.stored(ctx, in)
	if err != nil {
		return login.Login{}, err
	}
	if err := l.Complete(); err != nil {
		return login.Login{}, fmt.Errorf("the %s login of %s: %w", aws.ToString(in.VersionStage), aws.ToString(in.SecretId), err)
	}
	return l, nil
}

// stored is a version of a secret as it is, which need not be complete.
func (r Rotation) stored(ctx context.Context, in *secretsmanager.GetSecretValueInput) (login.Login, error) {
	out, err := r.Secrets.GetSecretValue(ctx, in)
	if err != nil {
		return login.Login{}, fmt.Errorf("read the %s login: %w", aws.ToString(in.VersionStage), err)
	}
	l, err := login.Parse(aws.ToString(out.SecretString))
	if err != nil {
		return login.Login{}, fmt.Errorf("the %s login of %s: %w", aws.ToString(in.VersionStage), aws.ToString(in.SecretId), err)
	}
	return l, nil
}
