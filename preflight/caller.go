package preflight

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// caller is the identity of the credentials.
type caller struct{ account, arn string }

// root reports whether the caller is the account's root user, who may do
// everything and cannot be simulated.
func (c caller) root() bool { return strings.HasSuffix(c.arn, ":root") }

// role returns the name of the caller's role, "" if the caller is not a session of a
// role. The ARN of a session does not contain the role's path.
func (c caller) role() string {
	_, session, found := strings.Cut(c.arn, ":assumed-role/")
	if !found {
		return ""
	}
	name, _, _ := strings.Cut(session, "/")
	return name
}

func identify(ctx context.Context, c *Clients, region string) (caller, Finding) {
	const id = "credentials"
	out, err := c.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return caller{}, Finding{
			ID: id, Status: Problem, What: fmt.Sprintf("no valid credentials for region %s: %v", region, err),
			Do: "log in (`aws sso login`, or set AWS_PROFILE to a profile that works), and enable the region if it is disabled in the account",
		}
	}
	who := caller{aws.ToString(out.Account), aws.ToString(out.Arn)}
	return who, Finding{ID: id, Status: OK, What: fmt.Sprintf("account %s, region %s, as %s", who.account, region, who.arn)}
}
