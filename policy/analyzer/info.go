package analyzer

import (
	"context"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

func (s *server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: pack.Version}, nil
}

func (s *server) GetAnalyzerInfo(context.Context, *emptypb.Empty) (*pulumirpc.AnalyzerInfo, error) {
	info := &pulumirpc.AnalyzerInfo{Name: pack.Name, Version: pack.Version, SupportsConfig: true, Provider: "aws"}
	for _, p := range s.pack.Policies() {
		info.Policies = append(info.Policies, &pulumirpc.PolicyInfo{
			Name: p.Name, Description: p.Title, EnforcementLevel: enforcement(p.Level), PolicyType: kind(p),
			Severity: severity(p.Severity), RemediationSteps: p.Fix, Url: p.URL,
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
	return map[rule.Level]pulumirpc.EnforcementLevel{
		rule.Off:       pulumirpc.EnforcementLevel_DISABLED,
		rule.Advisory:  pulumirpc.EnforcementLevel_ADVISORY,
		rule.Mandatory: pulumirpc.EnforcementLevel_MANDATORY,
	}[l]
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

// notApplicable keeps the engine from listing the policies as passed.
func notApplicable(names []string) []*pulumirpc.PolicyNotApplicable {
	list := make([]*pulumirpc.PolicyNotApplicable, len(names))
	for i, name := range names {
		list[i] = &pulumirpc.PolicyNotApplicable{PolicyName: name}
	}
	return list
}
