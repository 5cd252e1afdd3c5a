// Package rotate implements the four steps of a Secrets Manager rotation, all of which
// are idempotent, and creates database users:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
//
// The master user changes its own password. It also sets the passwords of all other
// users, whose secrets contain the ARN of the master's secret. So a rotation succeeds
// even if the current password is wrong or the user does not exist.
//
// Between setSecret and finishSecret, the secret's current value is not the password.
// Existing connections stay open, and clients whose login fails read the secret again.
package rotate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

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

// passwords are the stages whose password may be valid in the database. A recreated
// database has the first one.
var passwords = []string{current, pending, previous, rotationapi.First}

// Event is the payload with which Secrets Manager or a deployment requests a step.
type Event struct {
	Step               string
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
	// Facts are the deployment's values of the login's keys, without the password, for
	// the step createUser.
	Facts map[string]any
	// Connections and Grants are for the step checkDatabase: the number of the job's
	// connections, and the required privileges of the login's user. Without Grants the
	// login is that of an administrator, who creates the users.
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
	// Grants are the privileges of all users except the master, by name.
	Grants map[string]dbuser.Grants
	// Pause is the time between two attempts of a deployment's step that AWS denies.
	Pause time.Duration
}

// attempts is how often a deployment's step is tried: the deployment may have just changed the
// policy of the function's role, which does not apply immediately.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
const attempts = 7

// Handle runs one step.
func (r Rotation) Handle(ctx context.Context, e Event) error {
	err := r.step(ctx, e)
	deployment := e.Step == rotationapi.CreateUser || e.Step == rotationapi.CheckDatabase
	for try := 1; deployment && denied(err) && try < attempts; try++ {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s of %s: %w", e.Step, e.SecretID, errors.Join(err, ctx.Err()))
		case <-time.After(r.Pause):
		}
		err = r.step(ctx, e)
	}
	if err != nil {
		return fmt.Errorf("%s of %s: %w", e.Step, e.SecretID, err)
	}
	return nil
}

// denied reports whether AWS denied a call. S3 has its own code.
func denied(err error) bool {
	var refused smithy.APIError
	return errors.As(err, &refused) && slices.Contains([]string{"AccessDeniedException", "AccessDenied"}, refused.ErrorCode())
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
		return nil // A repeated step of a finished rotation.
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
		return errors.New("unknown step")
	}
}

// ensure sets a user's password as the master user. During a rotation of the master's
// password, the pending one may be valid.
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

// master returns the current login of a user's master. A secret that RDS manages has
// no address, so the user's address is used.
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

// firstAcceptedLogin returns the login with the first password among the stages of its
// secret that the database accepts, and that stage.
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
	return login.Login{}, "", fmt.Errorf("the database rejects the login of %s in every stage of %v", secret, stages)
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

// stored returns a version of a secret, which may be incomplete.
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
