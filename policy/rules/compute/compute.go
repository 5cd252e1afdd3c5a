// Package compute contains the rules for EC2 instances.
package compute

import "store-events/policy/rule"

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		imdsV2,
		imdsHopLimit,
		noPublicIP,
		privateSubnet,
		volumesEncrypted,
		volumesCMK,
		instanceProfile,
		userDataNoSecret,
		userDataNoRemoteCode,
		userDataNoLogin,
		noLaunchTemplate,
		noKeyPair,
		detailedMonitoring,
		ebsOptimized,
		singleInterface,
		typeAllowed,
	}
}
