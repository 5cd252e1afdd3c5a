package lambda

import (
	"regexp"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var permissionNotPublic = rule.Rule{
	ID:       "lambda-permission-not-public",
	Title:    "No permission lets everyone, or another account, invoke a function",
	Why:      "Whoever may invoke it acts with its role.",
	Fix:      "Set Principal of the lambda.Permission to a service, or to the ARN of a role.",
	Sources:  "FSBP Lambda.1; cdk-nag HIPAA.Security-LambdaFunctionPublicAccessProhibited; checkov CKV_AWS_301",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.LambdaPermission},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("principal"), namedPrincipal, "the principal is everyone, or a whole account")
	},
}

var wholeAccount = regexp.MustCompile(`^(\*|\d{12}|arn:aws[a-z-]*:iam::\d{12}:root)$`)

func namedPrincipal(v value.Value) (bool, error) {
	text, err := v.Text()
	return text != "" && !wholeAccount.MatchString(text), err
}

var permissionSource = rule.Rule{
	ID:       "lambda-permission-source",
	Title:    "A service invokes a function for one source only",
	Why:      "The service acts for all customers: without a source anyone's rule or bucket may invoke the function.",
	Fix:      "Set SourceArn or SourceAccount on the lambda.Permission.",
	Sources:  "checkov CKV_AWS_364; pulumi aws-lambda-permission-configure-source-arn; trivy aws-lambda-restrict-source-arn",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.LambdaPermission, aws.Bucket},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.LambdaPermission, func(p rule.Resource) []rule.Finding {
			return rule.When(p.Get("principal"), isService, func() []rule.Finding {
				source := p.Get("sourceArn")
				if !matcher.Missing(p.Get("sourceAccount")) || source.State() == value.Unknown {
					return nil
				}
				return rule.All(
					rule.Require(source, oneSource, "the service may invoke it for any account"),
					requireOwnBucket(s, p),
				)
			})
		})
	},
}

func isService(v value.Value) (bool, error) {
	text, err := v.Text()
	return strings.HasSuffix(text, ".amazonaws.com") || strings.HasSuffix(text, ".amazonaws.com.cn"), err
}

// requireOwnBucket reports a bucket outside the stack whose account is not given: once it is deleted, anyone may make
// one of that name.
func requireOwnBucket(s rule.Stack, permission rule.Resource) []rule.Finding {
	source := permission.Get("sourceArn")
	text, err := source.Text()
	if _, name, isBucket := strings.Cut(text, ":s3:::"); err != nil || !isBucket || len(s.Identified(name, aws.Bucket)) > 0 {
		return nil
	}
	return s.RequireReference(permission, source, "the bucket's account is not given", aws.Bucket)
}

// oneSource accepts an ARN with an account, or with the name of what has no account in its ARN.
func oneSource(v value.Value) (bool, error) {
	text, err := v.Text()
	return text != "" && (!strings.ContainsAny(text, "*?") || !iampolicy.AnyARN(text)), err
}

var noPublicURL = rule.Rule{
	ID:       "lambda-no-public-url",
	Title:    "No function has a URL that everyone may call",
	Why:      "A URL without authorisation is an open door with the function's role behind it.",
	Fix:      "Remove the lambda.FunctionUrl, or set AuthorizationType to AWS_IAM and name the origins.",
	Sources:  "checkov CKV_AWS_258; checkov CKV2_AWS_75; prowler awslambda_function_url_public",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.FunctionURL},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.FunctionURL, func(url rule.Resource) []rule.Finding {
			return rule.All(
				rule.Require(url.Get("authorizationType"), matcher.OneOf("AWS_IAM"), "the URL asks for no authorisation"),
				rule.Each(url.Get("cors", "allowOrigins"), func(origin value.Value) []rule.Finding {
					return rule.Require(origin, matcher.NamedOrigin, "every origin may call the URL")
				}),
			)
		})
	},
}
