// Package s3 contains the rules for buckets and the resources that configure them.
package s3

import "store-events/policy/rule"

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		publicAccessBlockPresent,
		publicAccessBlockComplete,
		encryptionPresent,
		noPublicACL,
		aclsDisabled,
		noWebsite,
		encryptionCMK,
		bucketKeyEnabled,
		versioningEnabled,
		forceDestroyOff,
		accessLogging,
		logTargetSeparate,
		logBucketPolicyScoped,
		tlsOnly,
		policyNoPublicAllow,
		policyNoCrossAccount,
		policyNoLockout,
		lifecyclePresent,
		lifecycleAbortMultipart,
		lifecycleNoncurrentExpiry,
		lifecycleQueryResultsExpire,
		objectNoSecretScript,
		notificationsOwn,
	}
}
