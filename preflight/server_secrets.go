package preflight

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// serverSecrets checks that each secret exists and has the members that job, consumer and
// rotation read. It does not show secret values.
func serverSecrets(ctx context.Context, r *run) ([]Finding, error) {
	s := r.plan.Server
	all := maps.Clone(s.Users)
	if all == nil {
		all = map[string]string{}
	}
	if s.Administrator != "" {
		all[administrator] = s.Administrator
	}
	var found []Finding
	for _, setting := range slices.Sorted(maps.Keys(all)) {
		findings, err := r.secret(ctx, setting, all[setting])
		if err != nil {
			return found, err
		}
		found = append(found, findings...)
	}
	return found, nil
}

// administrator is the setting whose secret may lack the host, as in secrets that RDS manages.
const administrator = "databaseSecretArn"

func (r *run) secret(ctx context.Context, setting, arn string) ([]Finding, error) {
	name := "the secret of store-events:" + setting
	described, err := r.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &arn})
	if missing(err) {
		return serverFinding(Problem, name+" does not exist in this account and region: "+arn, "set the ARN of one that does"), nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe %s: %w", name, err)
	}
	if described.DeletedDate != nil {
		return serverFinding(Problem, name+" is scheduled for deletion", "restore it (`aws secretsmanager restore-secret --secret-id "+arn+"`), or set another one"), nil
	}
	value, err := r.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if missing(err) {
		return serverFinding(Problem, name+" has no value", "store the credentials in it"), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	wrong := r.plan.Server.shape(setting, aws.ToString(value.SecretString))
	if len(wrong) == 0 {
		return nil, nil
	}
	return serverFinding(Problem, name+": "+strings.Join(wrong, "; "),
		"store JSON with username and password, and for an existing user also host, port and dbname, as in RDS's own secrets"), nil
}

// shape returns the problems of a secret's members.
func (s *Server) shape(setting, text string) []string {
	var members map[string]any
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		return []string{"it is not a JSON object"}
	}
	required := map[string]string{"username": "", "password": ""}
	if setting != administrator {
		required["host"], required["port"], required["dbname"] = s.Host, strconv.Itoa(s.Port), s.Name
	}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(required)) {
		have, want := fmt.Sprint(members[name]), required[name]
		switch {
		case members[name] == nil || have == "":
			wrong = append(wrong, name+" is missing")
		case want != "" && have != want:
			wrong = append(wrong, fmt.Sprintf("%s is %q, and the stack's setting is %q", name, have, want))
		}
	}
	return wrong
}
