package query

import (
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
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

// commandTimeout is longer than the limits of Systems Manager: an hour until the
// instance accepts the command, and an hour for its execution.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
const commandTimeout = 3 * time.Hour

// acceptTimeout is how long the instance may take to accept a command. It takes a second or
// two if its agent is connected.
const acceptTimeout = 2 * time.Minute

// errNotAccepted means that the instance does not accept a command.
var errNotAccepted = errors.New("the command is not accepted")

// Consumer runs statements on the consumer instance through Systems Manager,
// because the database is private.
type Consumer struct {
	SSM            *ssm.Client
	S3             *s3.Client
	Poll           poll.Poller
	Instance       string
	Bucket, Prefix string // Where commands store results.
}

// Run sends the statement as a command and reads the result that it stored.
func (c Consumer) Run(ctx context.Context, statement string, to Visitor) error {
	key := path.Join(c.Prefix, rand.Text()+".tsv.gz")
	id, err := c.send(ctx, c.shellCommand(statement, key))
	if err != nil {
		return err
	}
	result, err := c.wait(ctx, id)
	if err != nil {
		c.Poll.Stop(ctx, "command "+id, func(ctx context.Context) error {
			_, err := c.SSM.CancelCommand(ctx, &ssm.CancelCommandInput{CommandId: &id})
			return err
		})
		return err
	}
	if result.Status != types.CommandInvocationStatusSuccess {
		return fmt.Errorf("query on the consumer %s: command %s ended as %s: %s", c.Instance, id,
			aws.ToString(result.StatusDetails), strings.TrimSpace(aws.ToString(result.StandardErrorContent)))
	}
	return c.visitStored(ctx, key, to)
}

// shellCommand encodes the statement as base64, so that the shell does not interpret it.
// The command streams the rows to the bucket: the agent would write its output to the
// disk byte by byte, ignore a full disk, and then read all of it into
// memory: https://github.com/aws/amazon-ssm-agent/tree/mainline/agent/framework/processor/executer/iohandler/iomodule
// The command fails if a part of the pipeline does.
func (c Consumer) shellCommand(statement, key string) string {
	return fmt.Sprintf("set -o pipefail; echo %s | base64 -d | %s | gzip -1 | aws s3 cp --region %s --only-show-errors - s3://%s/%s",
		base64.StdEncoding.EncodeToString([]byte(statement)), sqlCommand, c.S3.Options().Region, c.Bucket, key)
}

func (c Consumer) send(ctx context.Context, command string) (id string, err error) {
	out, err := c.SSM.SendCommand(ctx, &ssm.SendCommandInput{
		DocumentName: aws.String("AWS-RunShellScript"),
		InstanceIds:  []string{c.Instance},
		Parameters:   map[string][]string{"commands": {command}},
	})
	if err != nil {
		return "", fmt.Errorf("send a command to the consumer %s: %w", c.Instance, err)
	}
	return aws.ToString(out.Command.CommandId), nil
}

// wait returns the command's result once it has ended, even if it failed. Systems Manager
// accepts commands for a stopped instance, and keeps them for an hour.
func (c Consumer) wait(ctx context.Context, id string) (*ssm.GetCommandInvocationOutput, error) {
	in := &ssm.GetCommandInvocationInput{CommandId: &id, InstanceId: &c.Instance}
	waiter := ssm.NewCommandExecutedWaiter(c.SSM, func(o *ssm.CommandExecutedWaiterOptions) {
		o.MinDelay, o.MaxDelay = c.Poll.First, c.Poll.Longest
		sent, goesOn := time.Now(), o.Retryable
		o.Retryable = func(ctx context.Context, in *ssm.GetCommandInvocationInput, out *ssm.GetCommandInvocationOutput, err error) (bool, error) {
			again, err := goesOn(ctx, in, out, err)
			if again && notAccepted(out, time.Since(sent)) {
				return false, errNotAccepted
			}
			return again, err
		}
	})
	// The waiter returns only an error, without the result, for a failed command.
	waitErr := waiter.Wait(ctx, in, commandTimeout)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if errors.Is(waitErr, errNotAccepted) {
		return nil, fmt.Errorf("the consumer %s accepts no commands: it is stopped, or its agent is not connected to Systems Manager", c.Instance)
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

// notAccepted reports whether the instance will not accept a command. out is nil if there is
// no invocation yet. Delayed means that Systems Manager sends the command again.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
func notAccepted(out *ssm.GetCommandInvocationOutput, waited time.Duration) bool {
	waits := out == nil || out.Status == types.CommandInvocationStatusPending ||
		out.Status == types.CommandInvocationStatusDelayed || aws.ToString(out.StatusDetails) == string(types.CommandInvocationStatusDelayed)
	return waits && waited > acceptTimeout
}

// visitStored reads the rows of a command. An incomplete result is an error, because gzip's
// checksum is missing.
func (c Consumer) visitStored(ctx context.Context, key string, to Visitor) error {
	out, err := c.S3.GetObject(ctx, &s3.GetObjectInput{Bucket: &c.Bucket, Key: &key})
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", c.Bucket, key, err)
	}
	defer func() { _ = out.Body.Close() }()
	rows, err := gzip.NewReader(out.Body)
	if err == nil {
		err = visitTabSeparated(rows, to)
	}
	if err != nil {
		return fmt.Errorf("read s3://%s/%s: %w", c.Bucket, key, err)
	}
	return nil
}
