// Package secret holds the rules for secrets and the passwords in them.
package secret

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		rotationConfigured,
		rotationInterval,
		cmk,
		valueGenerated,
		passwordStrength,
		recoveryWindow,
		policyPrivate,
		inUse,
	}
}

var cmk = rule.Rule{
	ID:       "secret-cmk",
	Title:    "A secret, and a parameter that holds one, is encrypted with a key of this stack",
	Why:      "With a customer managed key, reading the secret needs a permission on the key too.",
	Fix:      "Set KmsKeyId on the secretsmanager.Secret, or KeyId on an ssm.Parameter of Type SecureString, to the ARN of a kms.Key of the stack.",
	Sources:  "cdk-nag NIST.800.53.R5-SecretsManagerUsingKMSKey; checkov CKV_AWS_149; pulumi aws-secretsmanager-secret-configure-customer-managed-key; trivy aws-ssm-secret-use-customer-key",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Secret, aws.Parameter},
	Stack: func(s rule.Stack) []rule.Finding {
		findings := s.Each(aws.Secret, func(secret rule.Resource) []rule.Finding {
			return append(s.RequireReference(secret, secret.Get("kmsKeyId"), "the key is not one of this stack", aws.Key),
				rule.Each(secret.Get("replicas"), func(replica value.Value) []rule.Finding {
					return rule.RequireGiven(replica.Get("kmsKeyId"), "a replica is encrypted with a key of AWS")
				})...)
		})
		return append(findings, s.Each(aws.Parameter, func(p rule.Resource) []rule.Finding { return requireSecure(s, p) })...)
	},
}

// requireSecure requires that a parameter of Systems Manager encrypts a secret, with a key of the stack.
func requireSecure(s rule.Stack, p rule.Resource) []rule.Finding {
	kind := p.Get("type")
	secure, err := matcher.OneOf("SecureString")(kind)
	switch {
	case err != nil:
		return rule.Unreadable(err)
	case secure:
		return s.RequireReference(p, p.Get("keyId"), "the key is not one of this stack", aws.Key)
	}
	for _, key := range []string{"value", "insecureValue"} {
		if p.Get(key).Secret() || s.RefersToAny(p, p.Get(key), aws.RandomPassword) == rule.Yes {
			return rule.Violate(kind, "a secret is kept in clear")
		}
	}
	return nil
}

var valueGenerated = rule.Rule{
	ID:       "secret-value-generated",
	Title:    "The value of a secret is generated, and secret in the state",
	Why:      "Everyone who can read code or configuration knows a password in it, even after it is removed.",
	Fix:      "Build SecretString from the Result of a random.RandomPassword of the stack.",
	Sources:  "project",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.SecretVersion, aws.RandomPassword},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.SecretVersion, func(version rule.Resource) []rule.Finding {
			return append(s.RequireGenerated(version, version.Get("secretString"), aws.RandomPassword),
				requireNoneWritten(s, version.Get("secretString"))...)
		})
	},
}

// requireNoneWritten reports a password in the fields of a JSON value that no resource generated.
func requireNoneWritten(s rule.Stack, v value.Value) []rule.Finding {
	text, err := v.Text()
	var fields map[string]any
	if err != nil || json.Unmarshal([]byte(text), &fields) != nil {
		return nil
	}
	for key, field := range fields {
		written, isText := field.(string)
		if isText && matcher.CredentialUnder(key, written) && !generated(s, written) || matcher.HasCredential(fmt.Sprint(field)) {
			return rule.Violate(v, "a field of the value is not generated in this stack")
		}
	}
	return nil
}

// generated reports whether a string has the result of a generator in it.
func generated(s rule.Stack, text string) bool {
	return slices.ContainsFunc(s.Of(aws.RandomPassword), func(r rule.Resource) bool {
		result, _ := value.Of(r.Outputs).Get("result").Text() // Empty, and so in every string, before it is known.
		return strings.Contains(text, result)
	})
}

var passwordStrength = rule.Rule{
	ID:       "random-password-strength",
	Title:    "A generated password is long, mixed, and uses only characters that RDS accepts",
	Why:      "A short password can be guessed; RDS rejects one that happens to contain / @ \" or a space.",
	Fix:      "Set Length to 24 or more, leave at least three kinds of characters on, and OverrideSpecial to such as !#$%&*()-_=+.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.RandomPassword},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("length"), matcher.AtLeast(24), "the password is shorter than 24 characters"),
			requireKinds(r),
			rule.When(r.Get("special"), matcher.NotFalse, func() []rule.Finding {
				return rule.Require(r.Get("overrideSpecial"), takenByRDS, "it may hold / @ \" or a space")
			}),
		)
	},
}

func requireKinds(r rule.Resource) []rule.Finding {
	off := 0
	for _, kind := range []string{"upper", "lower", "numeric", "special"} {
		on, err := matcher.NotFalse(r.Get(kind))
		if err != nil {
			return rule.Unreadable(err)
		}
		if !on {
			off++
		}
	}
	if off > 1 {
		return rule.Violate(r.Get(), "it has fewer than three kinds of characters")
	}
	return nil
}

// takenByRDS accepts special characters that RDS accepts. The default set includes @.
func takenByRDS(v value.Value) (bool, error) {
	text, err := v.Text()
	return text != "" && !strings.ContainsAny(text, `/@" `), err
}

var recoveryWindow = rule.Rule{
	ID:       "secret-recovery-window",
	Title:    "A deleted secret can be restored for a week",
	Why:      "Deleting a secret at once also cuts off access to its data.",
	Fix:      "Leave RecoveryWindowInDays out, or set it to 7 or more.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.Secret},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("recoveryWindowInDays"), matcher.MissingOr(matcher.AtLeast(7)), "the secret is gone in less than 7 days")
	},
}

var policyPrivate = rule.Rule{
	ID:       "secret-policy-private",
	Title:    "No policy opens a secret to everyone",
	Why:      "An Allow for * lets any AWS account read the secret.",
	Fix:      "Name the principals, and set BlockPublicPolicy: pulumi.Bool(true) on the secretsmanager.SecretPolicy.",
	Sources:  "prowler secretsmanager_not_publicly_accessible; project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Secret, aws.SecretPolicy},
	Resource: func(r rule.Resource) []rule.Finding {
		findings := iampolicy.Forbid(r.Get("policy"), iampolicy.Statement.Public, "opens the secret to everyone")
		if r.Type == aws.SecretPolicy {
			findings = append(findings, rule.Require(r.Get("blockPublicPolicy"), matcher.True, "a public policy would not be refused")...)
		}
		return findings
	},
}

var inUse = rule.Rule{
	ID:       "secret-in-use",
	Title:    "Every secret is in use",
	Why:      "A leftover secret costs money and can leak.",
	Fix:      "Remove the secretsmanager.Secret, or give it to the connection that was meant to use it.",
	Sources:  "FSBP SecretsManager.3",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    []string{aws.Secret, aws.GlueConnection, aws.SecretRotation, aws.DBInstance, aws.EventTarget, aws.EventRule},
	Stack: func(s rule.Stack) []rule.Finding {
		if s.DatabaseStopped() { // Its logins are used again when it is started.
			return nil
		}
		return s.Each(aws.Secret, func(secret rule.Resource) []rule.Finding {
			answer := rule.No
			for _, c := range s.Of(aws.GlueConnection) {
				answer = max(answer, rule.Refers(c, c.Get("connectionProperties", "SECRET_ID"), secret))
			}
			for _, r := range s.Of(aws.SecretRotation) {
				answer = max(answer, rule.Refers(r, r.Get("secretId"), secret))
			}
			switch answer {
			case rule.Yes:
				return nil
			case rule.Maybe:
				return rule.Undecidable(secret.Get("arn"), "whether anything uses it is not known yet")
			default:
				return rule.Violate(secret.Get(), "nothing uses the secret")
			}
		})
	},
}
