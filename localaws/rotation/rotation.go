// Package rotation is the part of Secrets Manager that calls rotation functions,
// which the emulator only pretends. Nothing is rotated on schedule here.
package rotation

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/google/uuid"

	"localaws/awsjson"
)

// steps of a rotation, in their order.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
var steps = []string{"createSecret", "setSecret", "testSecret", "finishSecret"}

type service struct {
	secrets   *secretsmanager.Client
	functions *lambda.Client
}

// Operations serves RotateSecret and CancelRotateSecret, on the secrets and
// functions of the emulator that cfg is for.
func Operations(cfg aws.Config) awsjson.Operations {
	s := service{secrets: secretsmanager.NewFromConfig(cfg), functions: lambda.NewFromConfig(cfg)}
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
// in the function's log.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (s service) rotate(ctx context.Context, in request) (answer, error) {
	secret, err := s.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &in.SecretID})
	if err != nil {
		return answer{}, awsjson.Errorf("ResourceNotFoundException", "secret %s: %v", in.SecretID, err)
	}
	function := aws.ToString(secret.RotationLambdaARN)
	if in.RotationLambdaARN != "" || in.RotationRules != nil {
		if err := s.configure(ctx, in); err != nil {
			return answer{}, err
		}
	}
	if in.RotationLambdaARN != "" {
		function = in.RotationLambdaARN
	}
	if function == "" {
		return answer{}, awsjson.Errorf("InvalidRequestException", "no Lambda rotation function is associated with secret %s", in.SecretID)
	}
	token := in.ClientRequestToken
	if token == "" {
		token = uuid.NewString()
	}
	todo := steps
	if in.RotateImmediately != nil && !*in.RotateImmediately {
		todo = []string{"testSecret"}
	}
	for _, step := range todo {
		if err := s.call(ctx, function, step, aws.ToString(secret.ARN), token); err != nil {
			return answer{}, err
		}
	}
	return answer{ARN: aws.ToString(secret.ARN), Name: aws.ToString(secret.Name), VersionID: token}, nil
}

// cancel turns a schedule off. There is no schedule here, and the function
// stays with the secret, as it does on AWS.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html
func (s service) cancel(ctx context.Context, in request) (answer, error) {
	secret, err := s.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &in.SecretID})
	if err != nil {
		return answer{}, awsjson.Errorf("ResourceNotFoundException", "secret %s: %v", in.SecretID, err)
	}
	return answer{ARN: aws.ToString(secret.ARN), Name: aws.ToString(secret.Name)}, nil
}

// configure has the emulator keep function and schedule. It then makes a new
// version too, with the value of the current one.
func (s service) configure(ctx context.Context, in request) error {
	ask := &secretsmanager.RotateSecretInput{SecretId: &in.SecretID}
	if in.RotationLambdaARN != "" {
		ask.RotationLambdaARN = &in.RotationLambdaARN
	}
	if in.RotationRules != nil {
		if err := json.Unmarshal(in.RotationRules, &ask.RotationRules); err != nil {
			return awsjson.Errorf("InvalidParameterException", "RotationRules: %v", err)
		}
	}
	if _, err := s.secrets.RotateSecret(ctx, ask); err != nil {
		return fmt.Errorf("configure the rotation of %s: %w", in.SecretID, err)
	}
	return nil
}

func (s service) call(ctx context.Context, function, step, secret, token string) error {
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
	return nil
}
