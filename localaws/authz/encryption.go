package authz

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/beevik/etree"
)

// Encryption implements Source.
func (e *Emulator) Encryption(ctx context.Context, arn string) (Encryption, error) {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return Encryption{}, nil
	}
	read, name := e.bucketEncryption, parts[5]
	switch parts[2] {
	case "s3":
		name, _, _ = strings.Cut(name, "/")
	case "secretsmanager":
		read, name = e.secretEncryption, arn
	case "sns":
		read, name = e.topicEncryption, arn
	case "sqs":
		read = e.queueEncryption
	default:
		return Encryption{}, nil
	}
	return cached(&e.cache, "encryption "+arn[:strings.LastIndex(arn, ":")]+name, func() (Encryption, error) {
		found, err := read(ctx, name)
		if hasCode(err, "NoSuch", "NotFound", "NonExistent", "404") {
			return Encryption{}, nil
		}
		return found, err
	})
}

func (e *Emulator) bucketEncryption(ctx context.Context, bucket string) (Encryption, error) {
	body, err := e.client.get(ctx, "s3", "/"+bucket+"?encryption")
	if err != nil {
		return Encryption{}, err
	}
	doc := etree.NewDocument()
	if err := doc.ReadFromBytes(body); err != nil {
		return Encryption{}, fmt.Errorf("encryption of bucket %s: %w", bucket, err)
	}
	found := Encryption{}
	if id := text(&doc.Element, "//KMSMasterKeyID"); id != "" {
		found.Key = e.ARN(ctx, "key", id)
	}
	if text(&doc.Element, "//BucketKeyEnabled") == "true" {
		found.BucketKey = bucket
	}
	return found, nil
}

func (e *Emulator) secretEncryption(ctx context.Context, arn string) (Encryption, error) {
	var out struct{ KmsKeyId string } //nolint:revive // Secrets Manager's name
	if err := e.client.json(ctx, "secretsmanager", "secretsmanager.DescribeSecret", map[string]string{"SecretId": arn}, &out); err != nil {
		return Encryption{}, err
	}
	if out.KmsKeyId == "" || strings.HasPrefix(out.KmsKeyId, "alias/aws/") {
		return Encryption{}, nil
	}
	return Encryption{Key: e.ARN(ctx, "key", out.KmsKeyId)}, nil
}

func (e *Emulator) topicEncryption(ctx context.Context, arn string) (Encryption, error) {
	id, err := e.topicAttribute(ctx, arn, "KmsMasterKeyId")
	if err != nil || id == "" || strings.HasPrefix(id, "alias/aws/") {
		return Encryption{}, err
	}
	return Encryption{Key: e.ARN(ctx, "key", id)}, nil
}

// ARN implements Source.
func (e *Emulator) ARN(ctx context.Context, kind, name string) string {
	found, err := cached(&e.cache, kind+" arn "+name, func() (string, error) {
		switch kind {
		case "key":
			var out struct {
				KeyMetadata struct{ Arn string }
			}
			err := e.client.json(ctx, "kms", "TrentService.DescribeKey", map[string]string{"KeyId": name}, &out)
			return out.KeyMetadata.Arn, err
		case "secret":
			var out struct{ ARN string }
			err := e.client.json(ctx, "secretsmanager", "secretsmanager.DescribeSecret", map[string]string{"SecretId": name}, &out)
			return out.ARN, err
		case "query-workgroup":
			var out struct {
				NamedQuery struct{ WorkGroup string }
			}
			err := e.client.json(ctx, "athena", "AmazonAthena.GetNamedQuery", map[string]string{"NamedQueryId": name}, &out)
			return e.options.Place.Workgroup(out.NamedQuery.WorkGroup), err
		case "execution-workgroup":
			var out struct {
				QueryExecution struct{ WorkGroup string }
			}
			err := e.client.json(ctx, "athena", "AmazonAthena.GetQueryExecution", map[string]string{"QueryExecutionId": name}, &out)
			return e.options.Place.Workgroup(out.QueryExecution.WorkGroup), err
		case "role":
			role, err := e.Role(ctx, lastPart(name))
			if err != nil {
				return "", err
			}
			return role.ARN, nil
		case "function-role":
			role, _, err := e.configuration(ctx, name)
			return role, err
		case "function-timeout":
			_, timeout, err := e.configuration(ctx, name)
			return strconv.Itoa(timeout), err
		case "queue-visibility":
			return e.queueAttribute(ctx, name[strings.LastIndex(name, ":")+1:], "VisibilityTimeout")
		case "instance-profile", "profile-role":
			body, err := e.iam(ctx, "GetInstanceProfile", "InstanceProfileName", name)
			if err != nil {
				return "", err
			}
			if kind == "profile-role" {
				return text(body, "//Roles/member/Arn"), nil
			}
			return text(body, "//InstanceProfile/Arn"), nil
		}
		return "", nil
	})
	if err != nil {
		return "" // The name is unknown, so the request is authorized with the name itself.
	}
	return found
}
