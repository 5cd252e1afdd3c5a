package rotate_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"store-events/lambda/rotation/internal/rotate"
	"store-events/local/awsclient"
	"store-events/local/emulator"
	"store-events/local/testtools"
)

// database is an RDS instance that takes a password after some looks at it.
type database struct {
	passwords []string
	looks     int
}

const looksUntilTaken = 3

func (d *database) ModifyDBInstance(_ context.Context, in *rds.ModifyDBInstanceInput, _ ...func(*rds.Options)) (*rds.ModifyDBInstanceOutput, error) {
	d.passwords = append(d.passwords, aws.ToString(in.MasterUserPassword))
	d.looks = 0
	return &rds.ModifyDBInstanceOutput{}, nil
}

func (d *database) DescribeDBInstances(context.Context, *rds.DescribeDBInstancesInput, ...func(*rds.Options)) (*rds.DescribeDBInstancesOutput, error) {
	d.looks++
	instance := rdstypes.DBInstance{DBInstanceStatus: aws.String("available")}
	if d.looks < looksUntilTaken {
		instance.PendingModifiedValues = &rdstypes.PendingModifiedValues{MasterUserPassword: aws.String("****")}
	}
	return &rds.DescribeDBInstancesOutput{DBInstances: []rdstypes.DBInstance{instance}}, nil
}

// secrets is a Secrets Manager with one secret.
func secrets(t *testing.T, value string) (*secretsmanager.Client, string) {
	t.Helper()
	emu, err := emulator.Start(t.Context(), emulator.Options{Command: testtools.Ministack(t), StateDir: t.TempDir(), Region: "us-east-1"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emu.Stop()) })
	client := secretsmanager.NewFromConfig(awsclient.Config("us-east-1", emu.URL()))
	made, err := client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("login"), SecretString: aws.String(value)})
	require.NoError(t, err)
	return client, aws.ToString(made.ARN)
}

func read(t *testing.T, client *secretsmanager.Client, id, stage string) (login struct {
	Password, Host string
	Port           int
}) {
	t.Helper()
	out, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id, VersionStage: &stage})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(aws.ToString(out.SecretString)), &login))
	return login
}

// Every step is done twice, as Secrets Manager may do.
func TestRotation(t *testing.T) {
	client, id := secrets(t, `{"host":"db.internal","port":3306,"password":"old"}`)
	db := &database{}
	r := rotate.Rotation{Secrets: client, Databases: db, Database: "store-events", Poll: time.Millisecond}
	token := uuid.NewString()
	for _, step := range []string{"createSecret", "setSecret", "testSecret", "finishSecret"} {
		require.Equal(t, "old", read(t, client, id, "AWSCURRENT").Password, "before %s", step)
		for range 2 {
			require.NoError(t, r.Handle(t.Context(), rotate.Event{Step: step, SecretID: id, ClientRequestToken: token}), step)
		}
	}
	now := read(t, client, id, "AWSCURRENT")
	require.Equal(t, []string{now.Password, now.Password}, db.passwords, "the database has the password of the secret")
	require.Equal(t, looksUntilTaken+1, db.looks)
	require.Regexp(t, "^[A-Z0-9]{26,}$", now.Password)
	require.Equal(t, "db.internal", now.Host)
	require.Equal(t, 3306, now.Port)
	require.Equal(t, "old", read(t, client, id, "AWSPREVIOUS").Password)
}

func TestADatabaseThatDoesNotTakeThePassword(t *testing.T) {
	client, id := secrets(t, `{"password":"old"}`)
	r := rotate.Rotation{Secrets: client, Databases: &database{}, Database: "store-events", Poll: time.Hour}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	err := r.Handle(ctx, rotate.Event{Step: "testSecret", SecretID: id, ClientRequestToken: uuid.NewString()})
	require.ErrorContains(t, err, "database store-events has not taken the password")
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestErrorsDoNotTellTheSecret(t *testing.T) {
	client, id := secrets(t, `not-json-but-secret`)
	r := rotate.Rotation{Secrets: client, Databases: &database{}, Database: "store-events"}
	err := r.Handle(t.Context(), rotate.Event{Step: "createSecret", SecretID: id, ClientRequestToken: uuid.NewString()})
	require.ErrorContains(t, err, "the AWSCURRENT login is not a JSON object")
	require.NotContains(t, err.Error(), "not-json")

	err = r.Handle(t.Context(), rotate.Event{Step: "dance", SecretID: id, ClientRequestToken: uuid.NewString()})
	require.ErrorContains(t, err, `unknown step "dance"`)
}
