package analyzer

import (
	"context"
	"fmt"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

func (s *server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: pack.Version}, nil
}

func (s *server) GetAnalyzerInfo(context.Context, *emptypb.Empty) (*pulumirpc.AnalyzerInfo, error) {
	info := &pulumirpc.AnalyzerInfo{Name: pack.Name, Version: pack.Version, SupportsConfig: true, Provider: "aws"}
	for _, p := range s.pack.Policies() {
		limits, err := structpb.NewStruct(p.Limits)
		if err != nil {
			return nil, fmt.Errorf("configuration of %s: %w", p.Name, err)
		}
		info.Policies = append(info.Policies, &pulumirpc.PolicyInfo{
			Name: p.Name, Description: p.Title, EnforcementLevel: enforcement(p.Level), PolicyType: kind(p),
			Severity: severity(p.Severity), RemediationSteps: p.Fix, Url: p.URL,
			ConfigSchema: &pulumirpc.PolicyConfigSchema{Properties: limits},
		})
	}
	return info, nil
}

func kind(p pack.Policy) pulumirpc.PolicyType {
	switch {
	case p.Resource && p.Stack:
		return pulumirpc.PolicyType_POLICY_TYPE_UNKNOWN
	case p.Stack:
		return pulumirpc.PolicyType_POLICY_TYPE_STACK
	default:
		return pulumirpc.PolicyType_POLICY_TYPE_RESOURCE
	}
}

func enforcement(l rule.Level) pulumirpc.EnforcementLevel {
	switch l {
	case rule.Off:
		return pulumirpc.EnforcementLevel_DISABLED
	case rule.Advisory:
		return pulumirpc.EnforcementLevel_ADVISORY
	case rule.Remediate:
		return pulumirpc.EnforcementLevel_REMEDIATE
	case rule.Mandatory:
	}
	return pulumirpc.EnforcementLevel_MANDATORY
}

func severity(s rule.Severity) pulumirpc.PolicySeverity {
	return map[rule.Severity]pulumirpc.PolicySeverity{
		rule.Critical: pulumirpc.PolicySeverity_POLICY_SEVERITY_CRITICAL,
		rule.High:     pulumirpc.PolicySeverity_POLICY_SEVERITY_HIGH,
		rule.Medium:   pulumirpc.PolicySeverity_POLICY_SEVERITY_MEDIUM,
		rule.Low:      pulumirpc.PolicySeverity_POLICY_SEVERITY_LOW,
	}[s]
}

func diagnostics(reports []pack.Report) []*pulumirpc.AnalyzeDiagnostic {
	list := make([]*pulumirpc.AnalyzeDiagnostic, len(reports))
	for i, r := range reports {
		list[i] = &pulumirpc.AnalyzeDiagnostic{
			PolicyName: r.Policy, PolicyPackName: pack.Name, PolicyPackVersion: pack.Version, Description: r.Title,
			Message: r.Message, EnforcementLevel: enforcement(r.Level), Urn: r.URN, Severity: severity(r.Severity),
		}
	}
	return list
}

// notApplicable prevents the engine from listing the policies as passed.
func notApplicable(names []string) []*pulumirpc.PolicyNotApplicable {
	list := make([]*pulumirpc.PolicyNotApplicable, len(names))
	for i, name := range names {
		list[i] = &pulumirpc.PolicyNotApplicable{PolicyName: name}
	}
	return list
}
