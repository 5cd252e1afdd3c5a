package e2e

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/stretchr/testify/require"

	"store-events/tests/policy/mutation"
	"store-events/tests/policy/recording"
)

// Types of resources that are changed.
const (
	bucketObject  = "aws:s3/bucketObjectv2:BucketObjectv2"
	crawler       = "aws:glue/crawler:Crawler"
	curatedTable  = "aws:glue/catalogTable:CatalogTable"
	database      = "aws:rds/instance:Instance"
	eventTarget   = "aws:cloudwatch/eventTarget:EventTarget"
	function      = "aws:lambda/function:Function"
	glueJob       = "aws:glue/job:Job"
	ingressRule   = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	key           = "aws:kms/key:Key"
	logGroup      = "aws:cloudwatch/logGroup:LogGroup"
	role          = "aws:iam/role:Role"
	rolePolicy    = "aws:iam/rolePolicy:RolePolicy"
	topicPolicy   = "aws:sns/topicPolicy:TopicPolicy"
	trigger       = "aws:glue/trigger:Trigger"
	mailAddress   = "aws:sns/topicSubscription:TopicSubscription"
	ec2Arn        = "arn:aws:ec2:" + recording.Region + ":" + recording.Account
	glueArn       = "arn:aws:glue:" + recording.Region + ":" + recording.Account
	fixedSnapshot = "store-events-local-final"
	fixedLogGroup = "/aws/rds/instance/store-events-local/error"
)

// early is a day that the table over the Parquet once did not cover.
const early = "2015-06-01"

// oldFault is a fixed fault: former code or settings that AWS refuses.
type oldFault struct {
	name string
	// before prepares the account.
	before func(*testing.T, *recorded)
	// changes put the fault back into a copy of the program.
	changes []mutation.Change
	// use runs the failing operation, and returns its error message; nil if the
	// deployment fails.
	use func(*testing.T, *recorded) string
	// denied marks a fault that AWS accepts and that fails later: only the log of
	// denials reports it.
	denied bool
	// cause is the expected parts of the message.
	cause []string
}

// TestOldFaultsStayCaught adds each fault to a copy of the program and expects the
// local run to fail and to report the cause. The program without faults runs last, on
// the same AWS.
func TestOldFaultsStayCaught(t *testing.T) {
	r := record(t)
	r.run(t, nil, "produce", "--events", "20")
	r.put(t, r.outputs, "sale_events/dt="+early+"/early.json", `{"request_id":"early","ts":"`+early+`T10:00:00Z"}`)
	r.run(t, nil, "crawl")
	r.run(t, nil, "ingest")
	for _, f := range refusedFaults() {
		t.Run(f.name, func(t *testing.T) {
			if f.before != nil {
				f.before(t, r)
			}
			_, err := r.deploy(t, r.changed(t, f.changes...))
			require.Error(t, err)
			f.isCaught(t, err.Error())
		})
	}
	for _, together := range usedFaults(t, r) {
		r.useTogether(t, together)
	}
	r.fixedNames(t)
	r.deniedStatements(t)
	t.Run("the program itself passes", func(t *testing.T) {
		start := time.Now()
		_, err := r.deploy(t, r.program)
		require.NoError(t, err)
		r.run(t, nil, "crawl")
		r.run(t, nil, "ingest")
		r.verified(t, 0)
		require.Empty(t, storeRows(t, r))
		require.Empty(t, r.denied(t, start))
	})
	t.Run("the fixed name of a final snapshot", r.snapshotTaken)
}

// useTogether deploys a copy with faults that do not hide each other, and uses it.
func (r *recorded) useTogether(t *testing.T, faults []oldFault) {
	t.Helper()
	start := time.Now()
	var changes []mutation.Change
	for _, f := range faults {
		if f.before != nil {
			f.before(t, r)
		}
		changes = append(changes, f.changes...)
	}
	_, err := r.deploy(t, r.changed(t, changes...))
	require.NoError(t, err)
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			message := ""
			if f.use != nil {
				message = f.use(t, r)
			}
			if f.denied {
				message = strings.Join(r.denied(t, start), "\n")
			}
			f.isCaught(t, message)
		})
	}
}

func (f oldFault) isCaught(t *testing.T, message string) {
	t.Helper()
	for _, cause := range f.cause {
		require.Contains(t, message, cause)
	}
}

// fails returns a use that runs a failing command.
func fails(args ...string) func(*testing.T, *recorded) string {
	return func(t *testing.T, r *recorded) string {
		t.Helper()
		return r.fails(t, args...)
	}
}

// usedFaults returns faults that are deployed without an error. Each group is deployed together.
func usedFaults(t *testing.T, r *recorded) [][]oldFault {
	t.Helper()
	var groups [][]oldFault
	for _, kind := range [][]oldFault{jobFaults(t, r), crawlFaults(), accessFaults(), {hiddenDays}} {
		for i, f := range kind {
			if i == len(groups) {
				groups = append(groups, nil)
			}
			groups[i] = append(groups[i], f)
		}
	}
	return groups
}

// refusedFaults returns faults whose deployment is refused.
func refusedFaults() []oldFault {
	return []oldFault{
		{
			name:    "an apostrophe in the description of a rule",
			changes: []mutation.Change{mutation.Alter(ingressRule, "job-workers-in", "description", to("Glue requires that a job's workers reach each other"))},
			cause:   []string{"Invalid rule description", "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"},
		},
		{
			name: "a fixed name of a log group that RDS created again after a destroy",
			before: func(t *testing.T, r *recorded) {
				r.call(t, "logs", "Logs_20140328.CreateLogGroup", map[string]string{"logGroupName": fixedLogGroup})
			},
			changes: []mutation.Change{mutation.Alter(logGroup, "error-log", "name", to(fixedLogGroup))},
			cause:   []string{"ResourceAlreadyExistsException"},
		},
		{
			name:    "a maximum of storage less than a tenth above the storage",
			changes: []mutation.Change{mutation.Alter(database, "instance", "maxAllocatedStorage", to(21))},
			cause:   []string{"The maximum allocated storage must be increased by at least 10 percent"},
		},
		{
			name: "a schedule faster than Glue's",
			changes: []mutation.Change{
				mutation.Alter(trigger, "start", "type", to("SCHEDULED")), mutation.Alter(trigger, "start", "schedule", to("cron(*/1 * * * ? *)")),
			},
			cause: []string{"Schedule expression cron(*/1 * * * ? *) is invalid: the minimum interval is 5 minutes"},
		},
		{
			name: "an address with a name",
			changes: []mutation.Change{mutation.Add(mailAddress, "alerts-email", map[string]any{
				"topic": mutation.To("aws:sns/topic:Topic", "alerts", "arn"), "protocol": "email", "endpoint": "Ops <ops@example.com>",
			})},
			cause: []string{"Invalid parameter: Email address"},
		},
	}
}

// accessFaults are missing permissions, reported when they are used, or only in the
// log of denials.
func accessFaults() []oldFault {
	ofAccount := statement{"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": recording.Account}}}
	// EventBridge checks permissions when it gets its target.
	again := func(id string) mutation.Change { return mutation.Alter(eventTarget, "job-failed", "targetId", to(id)) }
	return []oldFault{
		{
			name: "the right to delete interfaces limited to a subnet",
			changes: []mutation.Change{statements(rolePolicy, "rotation-policy", "policy", func(list []statement) []statement {
				return append(with("ManageInterfaces", statement{"Action": []string{"ec2:CreateNetworkInterface", "ec2:Describe*"}})(list), statement{
					"Sid": "DeleteInterface", "Effect": "Allow",
					"Action":    []string{"ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"},
					"Resource":  ec2Arn + ":network-interface/*",
					"Condition": map[string]any{"ArnLike": map[string]any{"ec2:Subnet": ec2Arn + ":subnet/*"}},
				})
			})},
			use:   createFunction,
			cause: []string{"The provided execution role does not have permissions to call DeleteNetworkInterface on EC2"},
		},
		{
			name:    "a condition for EventBridge in the topic's policy",
			changes: []mutation.Change{statements(topicPolicy, "alerts-policy", "policy", with("FailedRuns", ofAccount)), again("topic")},
			denied:  true,
			cause:   []string{"events.amazonaws.com sns:Publish"},
		},
		{
			name:    "a condition for EventBridge in the key's policy",
			changes: []mutation.Change{statements(key, "key", "policy", with("AlertsOfFailures", ofAccount)), again("key")},
			denied:  true,
			cause:   []string{"events.amazonaws.com kms:GenerateDataKey"},
		},
		{
			name: "metrics of the host written to the group's own ARN only",
			changes: []mutation.Change{statements(rolePolicy, "monitoring-policy", "policy", with("MetricsGroup",
				statement{"Resource": "arn:aws:logs:" + recording.Region + ":" + recording.Account + ":log-group:RDSOSMetrics"}))},
			use:   monitorDatabase,
			cause: []string{"does not include the required permissions for: ENHANCED_MONITORING"},
		},
	}
}

// hiddenDays is the former range of Athena's table.
var hiddenDays = oldFault{
	name: "days that Athena does not show",
	changes: []mutation.Change{mutation.Alter(curatedTable, "curated", "parameters", func(v any) (any, error) {
		parameters := maps.Clone(v.(map[string]any))
		parameters["projection.dt.range"] = "2020-01-01,NOW+1DAYS"
		return parameters, nil
	})},
	use:   fails("verify"),
	cause: []string{`"uncovered_days": {` + "\n    \"total\": 1", `"key": "` + early + `"`},
}

// to returns a change to a new value.
func to(v any) func(any) (any, error) { return func(any) (any, error) { return v, nil } }

func crawlFaults() []oldFault {
	listing := func(list []statement) []statement {
		find := statement{"Sid": "FindBucket", "Effect": "Allow", "Action": "s3:GetBucketLocation", "Resource": "*"}
		return append(with("ListBucket", statement{
			"Action":    "s3:ListBucket",
			"Condition": map[string]any{"StringLike": map[string]any{"s3:prefix": []string{"sale_events*", "inventory_events*"}}},
		})(list), find)
	}
	narrow := statement{"Resource": []string{glueArn + ":catalog", glueArn + ":database/miztiik_sales_db_local", glueArn + ":table/miztiik_sales_db_local/txns_*"}}
	crawl := fails("crawl")
	return []oldFault{
		{
			name: "partition indexes, which a crawler creates by default",
			changes: []mutation.Change{mutation.Alter(crawler, "crawler", "configuration", func(v any) (any, error) {
				return strings.Replace(v.(string), `"CreatePartitionIndex":false,`, "", 1), nil
			})},
			use:   crawl,
			cause: []string{"glue:CreatePartitionIndex"},
		},
		{
			name:    "a crawler limited to tables with its prefix",
			changes: []mutation.Change{statements(rolePolicy, "crawler-policy", "policy", with("WriteCatalog", narrow))},
			use:     crawl,
			cause:   []string{"glue:GetTable", "table/miztiik_sales_db_local/*"},
		},
		{
			name:    "a crawler that may list under prefixes only",
			changes: []mutation.Change{statements(rolePolicy, "crawler-policy", "policy", listing)},
			use:     crawl,
			cause:   []string{"s3:ListBucket"},
		},
	}
}

func jobFaults(t *testing.T, r *recorded) []oldFault {
	t.Helper()
	wheels, err := filepath.Glob(filepath.Join(r.project, "glue", "vendor", "pymysql-*.whl"))
	require.NoError(t, err)
	require.Len(t, wheels, 1)
	wheel := filepath.Base(wheels[0])
	zip := strings.TrimSuffix(wheel, ".whl") + ".zip"
	argument := func(name string, alter func(any) (any, error)) mutation.Change {
		return mutation.Alter(glueJob, "job", "defaultArguments."+name, alter)
	}
	code := func(file, old, with string) mutation.Change {
		return mutation.Alter(bucketObject, "store_events.zip", "source", func(v any) (any, error) {
			edited, err := editZip(t.TempDir(), v.(*asset.Asset).Path, "store_events/"+file, old, with)
			return &asset.Asset{Path: edited}, err
		})
	}
	ingest := fails("ingest")
	return []oldFault{
		{
			name:   "max_error_count set for the session",
			before: newEvent,
			changes: []mutation.Change{code("load/batch.py", `    connection.infile = rows.blocks(known)
`,
				`    database.execute(connection, "set session max_error_count=65535")
    connection.infile = rows.blocks(known)
`)},
			use:   ingest,
			cause: []string{"1227", "SESSION_VARIABLES_ADMIN"},
		},
		{
			name:    "extra of type JSON",
			before:  jsonColumn,
			changes: []mutation.Change{code("mysql/tables.py", "    _extra_as_text(connection, table, contract)\n", "")},
			use:     ingest,
			cause:   []string{"3140", "Invalid JSON text"},
		},
		{
			name: "PyMySQL as a wheel in --extra-py-files",
			changes: []mutation.Change{
				mutation.Alter(bucketObject, zip, "key", to("scripts/"+wheel)),
				argument("--extra-py-files", func(v any) (any, error) { return strings.Replace(v.(string), zip, wheel, 1), nil }),
			},
			use:   ingest,
			cause: []string{"ModuleNotFoundError: No module named 'pymysql'"},
		},
		{
			name:    "two columns that do not fit into a row",
			changes: []mutation.Change{argument("--extra_columns", to("note=string(9999),memo=string(9999)"))},
			use:     ingest,
			cause:   []string{"the columns need 81266 bytes in a row of MySQL"},
		},
		{
			name:    "a decimal wider than Athena's",
			changes: []mutation.Change{argument("--extra_columns", to("tax=decimal(60,2)"))},
			use:     ingest,
			cause:   []string{"decimal(60,2) is not allowed: 1 to 38 digits"},
		},
		{
			name: "the log argument of Glue 4",
			changes: []mutation.Change{
				argument("--custom-logGroup-prefix", func(any) (any, error) { return nil, nil }),
				argument("--continuous-log-logGroup", to("/aws-glue/jobs/store-events-local")),
			},
			use:    func(t *testing.T, r *recorded) string { t.Helper(); r.run(t, nil, "ingest"); return "" },
			denied: true,
			cause:  []string{"store-events-local-job", "logs:", "log-group:/aws-glue/jobs/store-events-local-role/"},
		},
	}
}
