package authz

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

const sealedQueue = "arn:aws:sqs:us-east-1:000000000000:sealed"

// sealed creates a queue encrypted with a key. The rule may send events to it.
func (w *world) sealed(t *testing.T, keyPolicy string) string {
	t.Helper()
	key := w.key(t, keyPolicy)
	_, err := sqs.NewFromConfig(w.config).CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("sealed"), Attributes: map[string]string{
		"KmsMasterKeyId": key,
		"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sqs:SendMessage",
			"Resource":"` + sealedQueue + `","Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:events:us-east-1:000000000000:rule/r"}}}]}`,
	}})
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := sqs.NewFromConfig(w.config).DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: aws.String("http://localhost/000000000000/sealed")})
		require.NoError(t, err)
	})
	w.Changed()
	return key
}

func TestEventBridgeNeedsTheQueueAndItsKey(t *testing.T) {
	const rule = "arn:aws:events:us-east-1:000000000000:rule/r"
	w := newWorld(t)
	key := w.sealed(t, everyKey)
	d, err := w.authorizer.EventToQueue(t.Context(), sealedQueue, rule)
	require.NoError(t, err)
	require.Equal(t, "kms:GenerateDataKey", d.Request.Action, "the key's policy does not allow EventBridge")
	require.Equal(t, key, d.Request.Resource)
	d, err = w.authorizer.EventToQueue(t.Context(), sealedQueue, rule+"-of-another")
	require.NoError(t, err)
	require.Equal(t, "sqs:SendMessage", d.Request.Action)
}

func TestEventBridgeNeedsAKeyPolicyWithoutCondition(t *testing.T) {
	w := newWorld(t)
	w.sealed(t, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":["kms:GenerateDataKey","kms:Decrypt"],"Resource":"*"}]}`)
	d, err := w.authorizer.EventToQueue(t.Context(), sealedQueue, "arn:aws:events:us-east-1:000000000000:rule/r")
	require.NoError(t, err)
	require.Nil(t, d)
}

func TestPollerNeedsTheQueuesKey(t *testing.T) {
	w := newWorld(t)
	key := w.sealed(t, everyKey)
	receive := func(ctx context.Context) error {
		_, err := sqs.NewFromConfig(w.config).ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("http://localhost/000000000000/sealed")})
		return err
	}
	const take = `{"Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"` + sealedQueue + `"}`
	ctx := w.role(t, "poller", take)
	requireDenied(t, receive(ctx), "AccessDeniedException", "kms:Decrypt on resource: "+key)
	w.grant(t, "poller", take+`,{"Effect":"Allow","Action":"kms:Decrypt","Resource":"`+key+`","Condition":{"StringEquals":{"kms:ViaService":"sqs.us-east-1.amazonaws.com"}}}`)
	require.NoError(t, receive(ctx))
}
