package authz

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func create(t *testing.T, w *world, r *http.Request, body string) string {
	t.Helper()
	response, err := w.authorizer.checkCreation(r, []byte(body))
	require.NoError(t, err)
	if response == nil {
		return ""
	}
	require.Equal(t, http.StatusBadRequest, response.Status)
	return string(response.Body)
}

func target(name string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("X-Amz-Target", name)
	return r
}

func TestServicesCheckPassedRoles(t *testing.T) {
	w := newWorld(t)
	makeRole := func(name, service, statements string) string {
		_, err := w.iam(t.Context(), "CreateRole", "RoleName", name, "AssumeRolePolicyDocument", strings.Replace(trust, "glue.amazonaws.com", service, 1))
		require.NoError(t, err)
		w.grant(t, name, statements)
		return "arn:aws:iam::000000000000:role/" + name
	}
	narrow := `{"Effect":"Allow","Action":"ec2:*NetworkInterface*","Resource":"arn:aws:ec2:us-east-1:000000000000:*"}`
	lambda := httptest.NewRequest(http.MethodPost, "/2015-03-31/functions", nil)
	signed := scope("lambda")
	lambda.Header.Set(signed[0], signed[1])
	function := func(role string) string {
		return create(t, w, lambda, `{"FunctionName":"f","Role":"`+role+`","VpcConfig":{"SubnetIds":["subnet-1"],"SecurityGroupIds":["sg-1"]}}`)
	}
	role := makeRole("in-vpc", "lambda.amazonaws.com", narrow+`,{"Effect":"Allow","Action":"ec2:Describe*","Resource":"*"}`)
	require.Contains(t, function(role), "The provided execution role does not have permissions to call DeleteNetworkInterface on EC2")
	w.grant(t, "in-vpc", `{"Effect":"Allow","Action":"ec2:*","Resource":"*"}`)
	require.Empty(t, function(role))
	other := makeRole("other", "glue.amazonaws.com", narrow)
	require.Contains(t, function(other), "cannot be assumed by Lambda")
	require.Empty(t, create(t, w, target("AWSGlue.CreateJob"), `{"Name":"j","Role":"other"}`))
	require.Contains(t, create(t, w, target("AWSGlue.CreateCrawler"), `{"Name":"c","Role":"in-vpc"}`), "unable to assume provided role")

	rds := httptest.NewRequest(http.MethodPost, "/", nil)
	rds.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	monitored := func(role string) string {
		return create(t, w, rds, url.Values{"Action": {"CreateDBInstance"}, "Version": {"2014-10-31"}, "DBInstanceIdentifier": {"d"}, "MonitoringRoleArn": {role}}.Encode())
	}
	role = makeRole("monitor", "monitoring.rds.amazonaws.com", `{"Effect":"Allow","Action":"logs:*","Resource":"arn:aws:logs:us-east-1:000000000000:log-group:RDSOSMetrics"}`)
	require.Contains(t, monitored(role), "does not include the required permissions for: ENHANCED_MONITORING")
	w.grant(t, "monitor", `{"Effect":"Allow","Action":"logs:*","Resource":"arn:aws:logs:us-east-1:000000000000:log-group:RDSOSMetrics:*"}`)
	require.Empty(t, monitored(role))
	_, err := w.iam(t.Context(), "UpdateAssumeRolePolicy", "RoleName", "monitor", "PolicyDocument", strings.Replace(strings.Replace(trust, "glue.amazonaws.com", "monitoring.rds.amazonaws.com", 1),
		`"Action":"sts:AssumeRole"`, `"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"},"ArnLike":{"aws:SourceArn":"arn:aws:rds:us-east-1:000000000000:db:d"}}`, 1))
	require.NoError(t, err)
	w.Changed()
	require.Empty(t, monitored(role), "RDS names the instance that it acts for")
}

func TestLogGroupsNeedTheKeysPolicy(t *testing.T) {
	w := newWorld(t)
	group := func(key string) string {
		return create(t, w, target("Logs_20140328.CreateLogGroup"), `{"logGroupName":"/a","kmsKeyId":"`+key+`"}`)
	}
	require.Contains(t, group(w.key(t, everyKey)), "is not allowed to be used with Arn 'arn:aws:logs:us-east-1:000000000000:log-group:/a'")
	require.Empty(t, group(w.key(t, strings.Replace(everyKey, `"AWS":"arn:aws:iam::000000000000:root"`, `"Service":"logs.us-east-1.amazonaws.com"`, 1))))
	require.Empty(t, create(t, w, target("Logs_20140328.CreateLogGroup"), `{"logGroupName":"/a"}`))
}

// EventBridge accepts the target: only the log of denials shows the problem.
func TestUndeliverableEventsAreRecorded(t *testing.T) {
	w := newWorld(t)
	key := w.key(t, strings.Replace(everyKey, `"AWS":"arn:aws:iam::000000000000:root"`, `"Service":"events.amazonaws.com"`, 1))
	made, err := w.client.query(t.Context(), "sns", snsVersion, "CreateTopic", "Name", "alerts",
		"Attributes.entry.1.key", "KmsMasterKeyId", "Attributes.entry.1.value", key)
	require.NoError(t, err)
	topic := text(made, "//TopicArn")
	set := func(condition string) {
		_, err := w.client.query(t.Context(), "sns", snsVersion, "SetTopicAttributes", "TopicArn", topic, "AttributeName", "Policy", "AttributeValue",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"events.amazonaws.com"},"Action":"sns:Publish","Resource":"*"`+condition+`}]}`)
		require.NoError(t, err)
		w.Changed()
	}
	put := func() {
		require.Empty(t, create(t, w, target("AWSEvents.PutTargets"), `{"Rule":"r","Targets":[{"Id":"1","Arn":"`+topic+`"}]}`))
	}
	set("")
	put()
	require.Empty(t, w.denied.Denials())
	set(`,"Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"}}`)
	put()
	denied := w.denied.Denials()
	require.Len(t, denied, 1)
	require.Equal(t, "events.amazonaws.com", denied[0].Principal)
	require.Equal(t, "sns:Publish", denied[0].Action)
}

// EventBridge accepts the target, but cannot start the runbook.
func TestDeniedRunbooksAreRecorded(t *testing.T) {
	w := newWorld(t)
	_, err := w.iam(t.Context(), "CreateRole", "RoleName", "stops", "AssumeRolePolicyDocument", strings.Replace(trust, "glue.amazonaws.com", "events.amazonaws.com", 1))
	require.NoError(t, err)
	const ssm = `"arn:aws:ssm:us-east-1:`
	body := `{"Rule":"daily","Targets":[{"Id":"1","Arn":` + ssm + `:automation-definition/AWS-StopRdsInstance:$DEFAULT","RoleArn":"arn:aws:iam::000000000000:role/stops","Input":"{\"InstanceId\":[\"db\"]}"}]}`
	given, last := []string{ssm + `:automation-definition/AWS-StopRdsInstance:*"`, ssm + `:document/AWS-StopRdsInstance"`, ssm + `000000000000:automation-execution/*"`}, ""
	for i, lacks := range []string{given[1], given[2], "rds:StopDBInstance", ""} {
		start := `{"Effect":"Allow","Action":"ssm:StartAutomationExecution","Resource":[` + strings.Join(given[:min(i+1, len(given))], ",") + `]}`
		if lacks == "" {
			last = "Stop"
		}
		w.grant(t, "stops", start+`,{"Effect":"Allow","Action":["rds:Describe*","rds:`+last+`DBInstance"],"Resource":"arn:aws:rds:us-east-1:000000000000:db:db"}`)
		before := len(w.denied.Denials())
		require.Empty(t, create(t, w, target("AWSEvents.PutTargets"), body))
		denied := w.denied.Denials()[before:]
		if lacks == "" {
			require.Empty(t, denied)
			continue
		}
		require.Len(t, denied, 1)
		require.Contains(t, `"`+denied[0].Resource+`" `+denied[0].Action, lacks)
		require.Equal(t, "arn:aws:iam::000000000000:role/stops", denied[0].Role)
	}
}

// CloudWatch accepts the alarm, but its messages do not arrive.
func TestUndeliverableAlarmsAreRecorded(t *testing.T) {
	w := newWorld(t)
	key := w.key(t, everyKey)
	made, err := w.client.query(t.Context(), "sns", snsVersion, "CreateTopic", "Name", "alarmed",
		"Attributes.entry.1.key", "KmsMasterKeyId", "Attributes.entry.1.value", key)
	require.NoError(t, err)
	topic := text(made, "//TopicArn")
	_, err = w.client.query(t.Context(), "sns", snsVersion, "SetTopicAttributes", "TopicArn", topic, "AttributeName", "Policy", "AttributeValue",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cloudwatch.amazonaws.com"},"Action":"sns:Publish","Resource":"*",
		"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:cloudwatch:us-east-1:000000000000:alarm:*"}}}]}`)
	require.NoError(t, err)
	w.Changed()
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	require.Empty(t, create(t, w, r, url.Values{
		"Action": {"PutMetricAlarm"}, "Version": {"2010-08-01"}, "AlarmName": {"late"}, "AlarmActions.member.1": {topic}, "OKActions.member.1": {topic},
	}.Encode()))
	denied := w.denied.Denials()
	require.Len(t, denied, 1, "the topic allows it, but the key does not")
	require.Equal(t, "cloudwatch.amazonaws.com", denied[0].Principal)
	require.Equal(t, "kms:GenerateDataKey", denied[0].Action)
}

// Budgets accepts the subscriber, but its messages do not arrive.
func TestUndeliverableBudgetAlertsAreRecorded(t *testing.T) {
	w := newWorld(t)
	made, err := w.client.query(t.Context(), "sns", snsVersion, "CreateTopic", "Name", "costs")
	require.NoError(t, err)
	topic := text(made, "//TopicArn")
	allow := func(budget string) {
		_, err := w.client.query(t.Context(), "sns", snsVersion, "SetTopicAttributes", "TopicArn", topic, "AttributeName", "Policy", "AttributeValue",
			`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"budgets.amazonaws.com"},"Action":"sns:Publish","Resource":"*",
			"Condition":{"ArnEquals":{"aws:SourceArn":"arn:aws:budgets::000000000000:budget/`+budget+`"}}}]}`)
		require.NoError(t, err)
		w.Changed()
	}
	subscriber := `{"SubscriptionType":"SNS","Address":"` + topic + `"}`
	requests := map[string]string{
		"CreateBudget":       `{"Budget":{"BudgetName":"month"},"NotificationsWithSubscribers":[{"Subscribers":[` + subscriber + `]}]}`,
		"CreateNotification": `{"BudgetName":"month","Subscribers":[` + subscriber + `]}`,
		"CreateSubscriber":   `{"BudgetName":"month","Subscriber":` + subscriber + `}`,
	}
	put := func() {
		for operation, body := range requests {
			require.Empty(t, create(t, w, target("AWSBudgetServiceGateway."+operation), body))
		}
	}
	allow("month")
	put()
	require.Empty(t, w.denied.Denials())
	allow("week")
	put()
	denied := w.denied.Denials()
	require.Len(t, denied, 1)
	require.Equal(t, "budgets.amazonaws.com", denied[0].Principal)
	require.Equal(t, "sns:Publish", denied[0].Action)
	require.Equal(t, len(requests), denied[0].Count)
}

func TestRotationNeedsTheFunctionsPermission(t *testing.T) {
	w := newWorld(t)
	body := `{"SecretId":"s","RotationLambdaARN":"arn:aws:lambda:us-east-1:000000000000:function:f"}`
	require.Contains(t, create(t, w, target("secretsmanager.RotateSecret"), body), "Secrets Manager cannot invoke the specified Lambda function")
}

func TestMalformedPoliciesAreRefused(t *testing.T) {
	w := newWorld(t)
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	put := func(action, parameter, document string) string {
		return create(t, w, r, url.Values{"Action": {action}, "Version": {iamVersion}, "RoleName": {"r"}, parameter: {document}}.Encode())
	}
	require.Contains(t, put("PutRolePolicy", "PolicyDocument", `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject"}]}`), "Policy statement must contain resources.")
	require.Contains(t, put("CreateRole", "AssumeRolePolicyDocument", "{}"), "<Code>MalformedPolicyDocument</Code>")
	require.Empty(t, put("CreateRole", "AssumeRolePolicyDocument", trust))
}
