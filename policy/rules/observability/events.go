package observability

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var eventTargetOwn = rule.Rule{
	ID:       "event-target-own-account",
	Title:    "EventBridge sends events only to resources of this stack",
	Why:      "A target outside the stack receives the contents of the events.",
	Fix:      "Set Arn of the cloudwatch.EventTarget to a resource of the stack.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.EventTarget},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.EventTarget, func(target rule.Resource) []rule.Finding {
			if target.StopsDatabase() { // AWS's runbook acts only in the stack's account.
				return nil
			}
			return s.RequireReference(target, target.Get("arn"), "the target is not in this stack", s.Types()...)
		})
	},
}

var topicEncrypted = rule.Rule{
	ID:       "sns-encrypted",
	Title:    "SNS topics are encrypted with a key of this stack",
	Why:      "Alarms and EventBridge cannot use the AWS managed key, so their messages would be lost.",
	Fix:      "Set KmsMasterKeyId on the sns.Topic to the ID of a kms.Key of the stack.",
	Sources:  "SecHub SNS.1; cdk-nag NIST.800.53.R5-SNSEncryptedKMS; checkov CKV_AWS_26; trivy aws-sns-enable-topic-encryption; trivy aws-sns-topic-encryption-use-cmk",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Topic, aws.Key},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Topic, func(topic rule.Resource) []rule.Finding {
			return s.RequireReference(topic, topic.Get("kmsMasterKeyId"), "the key is not in this stack", aws.Key)
		})
	},
}

var topicTLSOnly = rule.Rule{
	ID:       "sns-tls-only",
	Title:    "SNS topics reject messages without TLS",
	Why:      "SNS also accepts plain HTTP, which exposes messages and signatures.",
	Fix:      "Add an sns.TopicPolicy that denies sns:Publish to * when aws:SecureTransport is false.",
	Sources:  "cdk-nag AwsSolutions-SNS3",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Topic, aws.TopicPolicy},
	Stack:    topics.demandTLS,
}

var topicNotPublic = rule.Rule{
	ID:       "sns-policy-not-public",
	Title:    "SNS topic policies do not allow public access",
	Why:      "Otherwise, anyone can send or read alarms.",
	Fix:      "Name the services, or add a condition on aws:SourceAccount.",
	Sources:  "FSBP SNS.4; checkov CKV_AWS_169; checkov CKV_AWS_385",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Topic, aws.TopicPolicy},
	Resource: func(r rule.Resource) []rule.Finding {
		return iampolicy.Forbid(r.Get("policy"), iampolicy.Statement.Public, "opens the topic to everyone")
	},
}

var subscriptionProtocol = rule.Rule{
	ID:       "sns-subscription-protocol",
	Title:    "Notifications use TLS, and the stack's configuration contains their web sites, mail addresses and phone numbers",
	Why:      "Plain HTTP can be read and forged; a web site, address or number in the program sends every message out of the account.",
	Fix:      "Set Protocol of the sns.TopicSubscription to sqs or lambda, or read the Endpoint from the stack's configuration.",
	Sources:  "prowler sns_subscription_not_using_http_endpoints; project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.TopicSubscription, aws.Budget},
	Resource: func(r rule.Resource) []rule.Finding {
		if r.Type == aws.Budget {
			return rule.Each(r.Get("notifications"), func(n value.Value) []rule.Finding {
				return rule.Each(n.Get("subscriberEmailAddresses"), func(address value.Value) []rule.Finding {
					return rule.Require(address, configured(r), "the address is not in the stack's configuration")
				})
			})
		}
		return rule.All(
			rule.Require(r.Get("protocol"), matcher.NoneOf("http"), "messages are delivered over plain HTTP"),
			rule.Require(r.Get("endpoint"), matcher.Not(plainHTTP), "messages are delivered over plain HTTP"),
			rule.Require(r.Get("endpoint"), func(v value.Value) (bool, error) {
				text, err := v.Text()
				site := strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "https://")
				return !site || text == chatbot || r.Settings.Configured(text), err
			}, "the web site is not in the stack's configuration"),
			rule.When(r.Get("protocol"), toPerson, func() []rule.Finding {
				return rule.Require(r.Get("endpoint"), configured(r), "the address is not in the stack's configuration")
			}),
		)
	},
}

// toPerson accepts the protocols whose endpoint is an address or number of a person.
func toPerson(v value.Value) (bool, error) {
	text, err := v.Text()
	return slices.Contains([]string{"email", "email-json", "sms"}, strings.ToLower(text)), err
}

// configured accepts a value in the stack's configuration, and a missing value.
func configured(r rule.Resource) rule.Test {
	return func(v value.Value) (bool, error) {
		text, err := v.Text()
		return text == "" || r.Settings.Configured(text), err
	}
}

// chatbot is the endpoint of Amazon Q Developer in chat applications, which accepts messages of topics in its
// configuration: https://docs.aws.amazon.com/chatbot/latest/adminguide/related-services.html
const chatbot = "https://global.sns-api.chatbot.amazonaws.com"

func plainHTTP(v value.Value) (bool, error) {
	text, err := v.Text()
	return strings.HasPrefix(strings.ToLower(text), "http://"), err
}
