package general

import (
	"regexp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var ownAccountOnly = rule.Rule{
	ID:    "own-account-only",
	Title: "Resources are in the stack's AWS account, and their properties refer to no other account",
	Why: "A queue, topic, key, role or event bus of another account receives the stack's data or controls its use, " +
		"and no rule checks it.",
	Fix:      "Use resources of the stack's account. For a partner's account, add an exception with the agreement as its reason.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.StrictInProd,
	Stack: func(s rule.Stack) []rule.Finding {
		ownAccounts := iampolicy.OwnAccounts(s)
		var findings []rule.Finding
		for _, r := range s.Resources {
			if !strings.HasPrefix(r.Type, "aws:") {
				continue
			}
			if account := iampolicy.AccountOf(r.OwnARN()); account != "" && !slices.Contains(ownAccounts, account) {
				findings = append(findings, rule.On(r, rule.Violate(r.Get(), "the resource is not in the stack's account"))...)
			}
			for _, f := range r.Get().Fields() {
				if !slices.Contains(proseKeys, f.Key) {
					findings = append(findings, rule.On(r, forbidAccounts(f.Key, f.Value, ownAccounts))...)
				}
			}
		}
		return findings
	},
}

// proseKeys are properties that do not refer to resources, or that other rules check.
var proseKeys = []string{
	"tags", "tagsAll", "description", "environment", "userData", "content", "principal", "layers",
	"imageUri",
}

var (
	// reference matches an ARN, the URL of a queue and the host of a registry, and captures the account.
	reference = regexp.MustCompile(
		`^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:(\d{12}):|^https://sqs\.[a-z0-9-]+\.amazonaws\.com/(\d{12})/`,
	)
	// accountKey matches the names of properties that contain an account.
	accountKey = regexp.MustCompile(
		`(?i)(account|accountId|accountIds|accounts|owner|ownerId|ownerIds|catalogId|userIds)$`,
	)
	accountID = regexp.MustCompile(`^\d{12}$`)
)

// forbidAccounts searches a whole property for accounts that are not the stack's own.
func forbidAccounts(key string, v value.Value, ownAccounts []string) []rule.Finding {
	if v.State() != value.Known {
		return nil
	}
	var findings []rule.Finding
	switch {
	case v.Raw().IsMap():
		for _, f := range v.Fields() {
			findings = append(findings, forbidAccounts(f.Key, f.Value, ownAccounts)...)
		}
		return findings
	case v.Raw().IsArray():
		for _, e := range v.Elements() {
			findings = append(findings, forbidAccounts(key, e, ownAccounts)...)
		}
		return findings
	}
	text, err := v.Text()
	account := accountIn(key, text)
	switch {
	case err != nil || account == "" || slices.Contains(ownAccounts, account) || slices.Contains(aws.Publishers, account):
		return nil
	case len(ownAccounts) == 0:
		return rule.Undecidable(v, "the stack's own account is not known yet")
	default:
		return rule.Violate(v, "it refers to another account")
	}
}

func accountIn(key, text string) string {
	if accountKey.MatchString(key) && accountID.MatchString(text) {
		return text
	}
	return accountReferred(text)
}

// accountReferred returns the account in an ARN, a URL of a queue or a host of a registry.
func accountReferred(text string) string {
	for _, group := range reference.FindStringSubmatch(text) {
		if accountID.MatchString(group) {
			return group
		}
	}
	return ""
}

// roles are the properties with the roles of resources.
var roles = map[string]string{
	aws.Function:        "role",
	aws.GlueJob:         "roleArn",
	aws.GlueCrawler:     "role",
	aws.DBInstance:      "monitoringRoleArn",
	aws.EventTarget:     "roleArn",
	aws.EventRule:       "roleArn",
	aws.GlueMLTransform: "roleArn",
}

var workloadRoleInStack = rule.Rule{
	ID:       "workload-role-in-stack",
	Title:    "Lambda functions, Glue resources, databases and EventBridge rules use IAM roles of this stack",
	Why:      "No rule checks the permissions of a role outside the stack, which can change at any time.",
	Fix:      "Set the role to an iam.Role of the stack.",
	Sources:  "project; FSBP Glue.2",
	Severity: rule.High,
	Levels:   rule.StrictInProd,
	Types: []string{
		aws.Function, aws.GlueJob, aws.GlueCrawler, aws.DBInstance, aws.EventTarget, aws.EventRule,
		aws.GlueMLTransform, aws.Role,
	},
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, r := range s.Resources {
			role, acts := roles[r.Type]
			v := r.Get(role)
			if text, err := v.Text(); !acts || err == nil && text == "" {
				continue
			}
			findings = append(
				findings,
				rule.On(
					r,
					s.RequireReference(r, v, "the role is not in this stack", aws.Role),
				)...)
		}
		return findings
	},
}
