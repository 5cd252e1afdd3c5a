package analyzer

import (
	"context"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

// Configure sets the configuration of every policy: the defaults from GetAnalyzerInfo, overridden by the user's
// file.
func (s *server) Configure(_ context.Context, req *pulumirpc.ConfigureAnalyzerRequest) (*emptypb.Empty, error) {
	all := map[string]pack.Configuration{}
	for name, given := range req.GetPolicyConfig() {
		level, err := level(given.GetEnforcementLevel())
		if err != nil {
			return nil, fmt.Errorf("policy configuration: %s: %w", name, err)
		}
		all[name] = pack.Configuration{Level: level, Limits: given.GetProperties().AsMap()}
	}
	return &emptypb.Empty{}, s.pack.Configure(all)
}

func level(e pulumirpc.EnforcementLevel) (rule.Level, error) {
	switch e {
	case pulumirpc.EnforcementLevel_DISABLED:
		return rule.Off, nil
	case pulumirpc.EnforcementLevel_ADVISORY:
		return rule.Advisory, nil
	case pulumirpc.EnforcementLevel_MANDATORY:
		return rule.Mandatory, nil
	case pulumirpc.EnforcementLevel_REMEDIATE:
		return rule.Remediate, nil
	default:
		return 0, fmt.Errorf("the level %s is not one of disabled, advisory, mandatory, remediate", e)
	}
}
