// Package rotate changes the master password of an RDS instance in the four
// steps that Secrets Manager asks for, each of which may be repeated:
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
//
// The password is set through the RDS API: the function needs neither a way to
// the database nor the right to log in to it. For some seconds between setSecret
// and finishSecret the current value of the secret is no longer the password; a
// run of the job that begins just then fails, and its retry does not.
package rotate

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

const (
	current = "AWSCURRENT"
	pending = "AWSPENDING"
)

// Secrets is the part of Secrets Manager that is used.
type Secrets interface {
	DescribeSecret(context.Context, *secretsmanager.DescribeSecretInput, ...func(*secretsmanager.Options)) (*secretsmanager.DescribeSecretOutput, error)
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
	UpdateSecretVersionStage(context.Context, *secretsmanager.UpdateSecretVersionStageInput, ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error)
}

// Databases is the part of RDS that is used.
type Databases interface {
	ModifyDBInstance(context.Context, *rds.ModifyDBInstanceInput, ...func(*rds.Options)) (*rds.ModifyDBInstanceOutput, error)
	DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error)
}

// Event is one step of a rotation, as Secrets Manager sends it.
type Event struct {
	Step               string
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
}

// Rotation rotates the secrets of one database.
type Rotation struct {
	Secrets   Secrets
	Databases Databases
	// Database is the identifier of the RDS instance.
	Database string
	// Poll is the time between two looks at the instance.
	Poll time.Duration
}

// Handle does one step.
func (r Rotation) Handle(ctx context.Context, e Event) error {
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
		return r.settled(ctx)
	case "finishSecret":
		return r.finish(ctx, e, stages)
	default:
		return fmt.Errorf("unknown step %q of a rotation", e.Step)
	}
}

func (r Rotation) stages(ctx context.Context, secret string) (map[string][]string, error) {
	out, err := r.Secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &secret})
	if err != nil {
		return nil, fmt.Errorf("describe the secret: %w", err)
	}
	return out.VersionIdsToStages, nil
}

// create makes the pending version: the current one with a new password.
func (r Rotation) create(ctx context.Context, e Event) error {
	_, err := r.login(ctx, e, pending)
	if missing := (*types.ResourceNotFoundException)(nil); err == nil || !errors.As(err, &missing) {
		return err
	}
	login, err := r.login(ctx, e, current)
	if err != nil {
		return err
	}
	if login["password"], err = json.Marshal(rand.Text()); err != nil { // Letters and digits, 128 bits.
		return err
	}
	text, err := json.Marshal(login)
	if err != nil {
		return err
	}
	_, err = r.Secrets.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: &e.SecretID, ClientRequestToken: &e.ClientRequestToken,
		SecretString: aws.String(string(text)), VersionStages: []string{pending},
	})
	if err != nil {
		return fmt.Errorf("store the pending login: %w", err)
	}
	return nil
}

// login reads a version of the secret: the pending one of this rotation, or the
// current one. All keys but the password are passed on as they are.
func (r Rotation) login(ctx context.Context, e Event, stage string) (map[string]json.RawMessage, error) {
	in := &secretsmanager.GetSecretValueInput{SecretId: &e.SecretID, VersionStage: aws.String(stage)}
	if stage == pending {
		in.VersionId = &e.ClientRequestToken
	}
	out, err := r.Secrets.GetSecretValue(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("read the %s login: %w", stage, err)
	}
	var login map[string]json.RawMessage
	if json.Unmarshal([]byte(aws.ToString(out.SecretString)), &login) != nil {
		return nil, fmt.Errorf("the %s login is not a JSON object", stage) // The parser's message could quote it.
	}
	return login, nil
}

// set gives the database the pending password. RDS changes it at once, whatever
// else waits for the maintenance window.
func (r Rotation) set(ctx context.Context, e Event) error {
	login, err := r.login(ctx, e, pending)
	if err != nil {
		return err
	}
	var password string
	if json.Unmarshal(login["password"], &password) != nil || password == "" {
		return errors.New("the pending login has no password")
	}
	_, err = r.Databases.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{DBInstanceIdentifier: &r.Database, MasterUserPassword: &password})
	if err != nil {
		return fmt.Errorf("set the password of %s: %w", r.Database, err)
	}
	return nil
}

// settled waits until the database has taken the password.
func (r Rotation) settled(ctx context.Context) error {
	for {
		out, err := r.Databases.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &r.Database})
		if err != nil {
			return fmt.Errorf("describe %s: %w", r.Database, err)
		}
		if len(out.DBInstances) != 1 {
			return fmt.Errorf("database %s: %d found", r.Database, len(out.DBInstances))
		}
		db := out.DBInstances[0]
		waits := db.PendingModifiedValues != nil && db.PendingModifiedValues.MasterUserPassword != nil
		if !waits && aws.ToString(db.DBInstanceStatus) != "resetting-master-credentials" {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("database %s has not taken the password: %w", r.Database, ctx.Err())
		case <-time.After(r.Poll):
		}
	}
}

// finish makes the pending version the current one.
func (r Rotation) finish(ctx context.Context, e Event, stages map[string][]string) error {
	in := &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &e.SecretID, VersionStage: aws.String(current), MoveToVersionId: &e.ClientRequestToken,
	}
	for version, labels := range stages {
		if slices.Contains(labels, current) {
			in.RemoveFromVersionId = aws.String(version)
		}
	}
	if _, err := r.Secrets.UpdateSecretVersionStage(ctx, in); err != nil {
		return fmt.Errorf("make the pending login the current one: %w", err)
	}
	return nil
}
