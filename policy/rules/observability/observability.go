// Package observability contains the rules for logs, alarms, events, topics and queues.
package observability

import "store-events/policy/rule"

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		retentionSet,
		retentionYear,
		logCMK,
		logKeyPolicy,
		alarmActionsPresent,
		alarmActionsEnabled,
		pipelineFailureAlerted,
		rdsAlarmsExist,
		eventTargetOwn,
		topicEncrypted,
		topicTLSOnly,
		topicNotPublic,
		subscriptionProtocol,
		dashboardOwnFunctions,
		queueEncrypted,
		queueTLSOnly,
		queueNotPublic,
	}
}
