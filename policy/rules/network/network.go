// Package network contains the rules for VPCs, subnets, routes, endpoints and security groups.
package network

import "store-events/policy/rule"

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		noWorldIngress,
		noWorldAdminPort,
		noPublicLogin,
		noWideIngress,
		groupReach,
		portsBounded,
		descriptions,
		noOpenEgress,
		rdsIngressKnownGroups,
		rdsNoEgress,
		glueSelfRulePresent,
		glueSelfRuleOnlySelf,
		noInlineAndStandaloneMix,
		groupInUse,
		groupsOfStack,
		noWorldAdminByACL,
		routeKnownTargets,
		flowLogs,
		flowLogDestination,
		defaultGroupClosed,
		noDefaultVpc,
		dnsEnabled,
		noAutoPublicIP,
		privateNoInternetGateway,
		natPerZone,
		eipInUse,
		s3GatewayEndpoint,
		apiEndpoints,
		endpointPrivateDNS,
		endpointPolicyRestricted,
	}
}
