package query

import (
	"context"
	"encoding/base64"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"store-events/ops/internal/poll"
)

// sqlCommand is the consumer's helper: it reads a statement and prints rows,
// separated by tabs, below a header.
const sqlCommand = "/usr/local/bin/store-events-sql"

const (
	// commandTimeout is above what Systems Manager allows for: an hour until the
	// instance takes the command, and an hour for its work.
	// https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
	commandTimeout = 3 * time.Hour
	// outputDelay bounds how long a command's output may take to reach the bucket.
	outputDelay = 30 * time.Second
)

// Consumer runs statements on the consumer instance through Systems Manager,
// because the database is private. The output goes through the bucket: the
// service cuts its own answer at 24,000 characters.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetCommandInvocation.html
type Consumer struct {
	SSM            *ssm.Client
	S3             *s3.Client
	Poll           poll.Poller
	Instance       string
	Bucket, Prefix string // Where commands leave their output.
}

// Run sends the statement as a command and reads what it printed.
func (c Consumer) Run(ctx context.Context, statement string, to Visitor) error {
	id, err := c.send(ctx, shellCommand(statement))
	if err != nil {
		return err
	}
	result, err := c.wait(ctx, id)
	if err != nil {
		c.Poll.OnCancel(ctx, "command "+id, func(ctx context.Context) error {
			_, err := c.SSM.CancelCommand(ctx, &ssm.CancelCommandInput{CommandId: &id})
			return err
		})
		return err
	}
	if result.Status != types.CommandInvocationStatusSuccess {
		return fmt.Errorf("query on the consumer %s: command %s ended as %s: %s", c.Instance, id,
			aws.ToString(result.StatusDetails), strings.TrimSpace(aws.ToString(result.StandardErrorContent)))
	}
	if aws.ToString(result.StandardOutputContent) == "" {
		return nil // A command that prints nothing stores no object.
	}
	key, err := c.outputKey(ctx, id)
	if err != nil {
		return err
	}
	return c.visitOutput(ctx, key, to)
}

// shellCommand encodes the statement as base64, so that no shell interprets it.
func shellCommand(statement string) string {
	return fmt.Sprintf("echo %s | base64 -d | %s", base64.StdEncoding.EncodeToString([]byte(statement)), sqlCommand)
}

func (c Consumer) send(ctx context.Context, command string) (id string, err error) {
	out, err := c.SSM.SendCommand(ctx, &ssm.SendCommandInput{
		DocumentName:       aws.String("AWS-RunShellScript"),
		InstanceIds:        []string{c.Instance},
		Parameters:         map[string][]string{"commands": {command}},
		OutputS3BucketName: &c.Bucket,
		OutputS3KeyPrefix:  &c.Prefix,
	})
	if err != nil {
		return "", fmt.Errorf("send a command to the consumer %s: %w", c.Instance, err)
	}
	return aws.ToString(out.Command.CommandId), nil
}

// wait returns the command's result once it has ended, in whatever state.
func (c Consumer) wait(ctx context.Context, id string) (*ssm.GetCommandInvocationOutput, error) {
	in := &ssm.GetCommandInvocationInput{CommandId: &id, InstanceId: &c.Instance}
	waiter := ssm.NewCommandExecutedWaiter(c.SSM, func(o *ssm.CommandExecutedWaiterOptions) {
		o.MinDelay, o.MaxDelay = c.Poll.First, c.Poll.Longest
	})
	// The waiter returns an error without the result for a command that failed.
	waitErr := waiter.Wait(ctx, in, commandTimeout)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	out, err := c.SSM.GetCommandInvocation(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("get command %s: %w", id, err)
	}
	switch out.Status {
	case types.CommandInvocationStatusPending, types.CommandInvocationStatusInProgress, types.CommandInvocationStatusDelayed:
		return nil, fmt.Errorf("command %s is %s: %w", id, out.Status, waitErr)
	default:
		return out, nil
	}
}

// outputKey finds the object with a command's standard output. The bucket may
// receive it a little later than the service reports the command's end.
func (c Consumer) outputKey(ctx context.Context, id string) (key string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, outputDelay,
		fmt.Errorf("no output of command %s in s3://%s/%s: may the consumer write there?", id, c.Bucket, c.Prefix))
	defer cancel()
	prefix := path.Join(c.Prefix, id, c.Instance) + "/"
	err = c.Poll.Until(ctx, func(ctx context.Context) (bool, error) {
		list, err := c.S3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &c.Bucket, Prefix: &prefix})
		if err != nil {
			return false, fmt.Errorf("find the output of command %s: %w", id, err)
		}
		for _, object := range list.Contents {
			if key = aws.ToString(object.Key); path.Base(key) == "stdout" {
				return true, nil
			}
		}
		return false, nil
	})
	return key, err
}

func (c Consumer) visitOutput(ctx context.Context, key string, to Visitor) error {
	out, err := c.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &c.Bucket, Key: &key})
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", c.Bucket, key, err)
	}
	defer func() { _ = out.Body.Close() }()
	return visitTabbed(out.Body, to)
}
