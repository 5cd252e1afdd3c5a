// Package rotation is the part of Secrets Manager that calls rotation functions,
// which the emulator only pretends. Nothing is rotated on schedule here.
package rotation

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"

	"localaws/awsjson"
)

// steps of a rotation, in their order.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
var steps = []string{"createSecret", "setSecret", "testSecret", "finishSecret"}

// pending is the label of the version of a rotation that has begun.
const pending = "AWSPENDING"

type service struct {
	secrets   *secretsmanager.Client
	functions *lambda.Client
	atWork    sync.Map // ARNs of secrets
}

// Operations serves RotateSecret and CancelRotateSecret, on the secrets and
// functions of the emulator that cfg is for.
func Operations(cfg aws.Config) awsjson.Operations {
	s := &service{secrets: secretsmanager.NewFromConfig(cfg), functions: lambda.NewFromConfig(cfg)}
	return awsjson.Operations{"RotateSecret": awsjson.Typed(s.rotate), "CancelRotateSecret": awsjson.Typed(s.cancel)}
}

type request struct {
	SecretID           string `json:"SecretId"`
	ClientRequestToken string
	RotationLambdaARN  string
	RotationRules      json.RawMessage
	RotateImmediately  *bool
}

type answer struct {
	ARN       string
	Name      string
	VersionID string `json:"VersionId,omitempty"`
}

// rotate takes the steps before it answers, and fails if one does: AWS answers first, and reports a failure only
// in the function's log. A rotation that failed has AWSPENDING: AWS repeats it by itself, and refuses another one
// until it has succeeded. Here it is repeated when another one is refused.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (s *service) rotate(ctx context.Context, in request) (answer, error) {
	secret, err := s.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &in.SecretID})
	if err != nil {
		return answer{}, awsjson.Errorf("ResourceNotFoundException", "secret %s: %v", in.SecretID, err)
	}
	arn, function := aws.ToString(secret.ARN), cmp.Or(in.RotationLambdaARN, aws.ToString(secret.RotationLambdaARN))
	if function == "" {
		return answer{}, awsjson.Errorf("InvalidRequestException", "no Lambda rotation function is associated with secret %s", in.SecretID)
	}
	if _, rotates := s.atWork.LoadOrStore(arn, true); rotates {
		return answer{}, errIncomplete
	}
	defer s.atWork.Delete(arn)
	if version := incomplete(secret.VersionIdsToStages); version != "" {
		_ = s.call(ctx, function, arn, version, steps...) // The function's log says why it fails again.
		return answer{}, errIncomplete
	}
	token := cmp.Or(in.ClientRequestToken, uuid.NewString())
	if err := s.begin(ctx, in, token); err != nil {
		return answer{}, err
	}
	if in.RotateImmediately == nil || *in.RotateImmediately {
		err = s.call(ctx, function, arn, token, steps...)
	} else {
		err = s.test(ctx, function, arn, token)
	}
	if err != nil {
		return answer{}, err
	}
	return answer{ARN: arn, Name: aws.ToString(secret.Name), VersionID: token}, nil
}

var errIncomplete = awsjson.Errorf("InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted.")

// incomplete returns the version of a rotation that has not ended, if any.
func incomplete(stages map[string][]string) string {
	for version, labels := range stages {
		if slices.Contains(labels, pending) && !slices.Contains(labels, "AWSCURRENT") {
			return version
		}
	}
	return ""
}

// cancel turns a schedule off. There is no schedule here, and the function
// stays with the secret, as it does on AWS.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html
func (s *service) cancel(ctx context.Context, in request) (answer, error) {
	secret, err := s.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &in.SecretID})
	if err != nil {
		return answer{}, awsjson.Errorf("ResourceNotFoundException", "secret %s: %v", in.SecretID, err)
	}
	return answer{ARN: aws.ToString(secret.ARN), Name: aws.ToString(secret.Name)}, nil
}

// begin has the emulator keep function and schedule, and attach AWSPENDING to a version without a value.
func (s *service) begin(ctx context.Context, in request, token string) error {
	ask := &secretsmanager.RotateSecretInput{SecretId: &in.SecretID, ClientRequestToken: &token}
	if in.RotationLambdaARN != "" {
		ask.RotationLambdaARN = &in.RotationLambdaARN
	}
	if in.RotationRules != nil {
		if err := json.Unmarshal(in.RotationRules, &ask.RotationRules); err != nil {
			return awsjson.Errorf("InvalidParameterException", "RotationRules: %v", err)
		}
	}
	_, err := s.secrets.RotateSecret(ctx, ask)
	var refused smithy.APIError
	if errors.As(err, &refused) {
		return awsjson.Errorf(refused.ErrorCode(), "%s", refused.ErrorMessage())
	}
	return err
}

// test has the function test a configuration, with a version that goes afterwards.
func (s *service) test(ctx context.Context, function, secret, token string) error {
	err := s.call(ctx, function, secret, token, "testSecret")
	_, removed := s.secrets.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: &secret, VersionStage: aws.String(pending), RemoveFromVersionId: &token,
	})
	return errors.Join(err, removed)
}

// call has the function take steps of a rotation, until one fails.
func (s *service) call(ctx context.Context, function, secret, token string, steps ...string) error {
	for _, step := range steps {
		payload, err := json.Marshal(map[string]string{"Step": step, "SecretId": secret, "ClientRequestToken": token})
		if err != nil {
			return err
		}
		out, err := s.functions.Invoke(ctx, &lambda.InvokeInput{FunctionName: &function, Payload: payload})
		if err != nil {
			return fmt.Errorf("call the rotation function %s: %w", function, err)
		}
		if out.FunctionError != nil {
			return awsjson.Errorf("InvalidRequestException", "rotation function %s failed in %s: %s", function, step, out.Payload)
		}
	}
	return nil
}
