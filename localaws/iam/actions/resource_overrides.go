package actions

import (
	"cmp"
	"net/url"
	"path"
	"slices"
	"strings"
)

// resourceOverrides return the resources of services whose requests or ARNs differ from the reference, or nil if the
// general rule applies.
var resourceOverrides = map[string]func(*Call) []string{
	"glue":           (*Call).glueResources,
	"logs":           (*Call).logsResources,
	"kms":            (*Call).kmsResources,
	"secretsmanager": (*Call).secretResources,
	"sqs":            (*Call).queueResources,
	"ssm":            (*Call).ssmResources,
	"iam":            (*Call).iamResources,
	"ec2":            (*Call).ec2Resources,
	"lambda":         (*Call).lambdaResources,
	"budgets":        (*Call).budgetResources,
	"athena":         (*Call).queryResources,
	"cloudwatch":     (*Call).alarmResources,
}

// alarmResources returns all alarms for DescribeAlarms, even if the request has names. Sources are published error
// messages: https://github.com/mattclay/aws-terminator/pull/63,
// https://github.com/aws-samples/amazon-cloudwatch-auto-alarms/issues/1
func (c *Call) alarmResources() []string {
	if c.Operation != "DescribeAlarms" {
		return nil
	}
	return []string{c.accountARN("cloudwatch", "alarm:*")}
}

// budgetResources returns the budget, whose name is inside the budget object in requests that create or update it.
func (c *Call) budgetResources() []string {
	name := first(c.params, "BudgetName", "Budget.BudgetName", "NewBudget.BudgetName")
	if name == "" {
		return nil
	}
	return []string{strings.Join([]string{"arn", c.env.Partition, "budgets", "", c.env.Account, "budget/" + name}, ":")}
}

// queryResources returns the workgroup of a saved query or an execution, which the request identifies by ID:
// https://docs.aws.amazon.com/athena/latest/ug/example-policies-workgroup.html
//
// A deleted one requires permission for all workgroups. AWS documents only that access to the workgroup is needed
// (API_DeleteNamedQuery). The behavior for deleted ones has not been verified on AWS.
func (c *Call) queryResources() []string {
	if arn := first(c.params, "ResourceARN"); arn != "" { // Tag operations. The reference requires a resource of each type.
		return []string{arn}
	}
	var found []string
	for parameter, kind := range map[string]string{"NamedQueryId": "query-workgroup", "QueryExecutionId": "execution-workgroup"} {
		for _, id := range append(c.params.get(parameter), c.params.get(parameter+"s")...) {
			found = append(found, cmp.Or(c.env.arn(kind, id), c.accountARN("athena", "workgroup/*")))
		}
	}
	return found
}

// accountARN returns the ARN of a resource in the account and region.
func (c *Call) accountARN(service, resource string) string {
	return strings.Join([]string{"arn", c.env.Partition, service, c.env.Region, c.env.Account, resource}, ":")
}

// glueResources returns a table with its database and the catalog, or a database with the catalog:
// https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
func (c *Call) glueResources() []string {
	kinds := table()["glue"].Actions[c.Operation]
	if !slices.ContainsFunc(kinds, inDatabase) {
		return nil
	}
	var found []string
	database := first(c.params, "DatabaseName", "DatabaseInput.Name", "TableInput.DatabaseName")
	for _, kind := range kinds {
		kind, required := strings.CutSuffix(kind, "!")
		switch {
		case !required: // Catalogs of other accounts and sources.
		case kind == "rootcatalog":
			found = append(found, c.accountARN("glue", "catalog"))
		case kind == "database" && database == "": // For example GetDatabase.
			found = append(found, c.accountARN("glue", "database/"+orAny(first(c.params, "Name"))))
		case kind == "database":
			found = append(found, c.accountARN("glue", "database/"+database))
		case kind == "table":
			found = append(found, c.glueTables(database, first(c.params, "TableName", "TableInput.Name"))...)
		default:
			found = append(found, c.resourcesOf(kind, true)...)
		}
	}
	return found
}

// inDatabase reports whether a resource type is a database or belongs to one.
func inDatabase(kind string) bool {
	switch strings.TrimSuffix(kind, "!") {
	case "database", "table", "userdefinedfunction", "tableversion":
		return true
	default:
		return false
	}
}

func (c *Call) glueTables(database, table string) []string {
	if database == "" { // DeleteDatabase needs permission for all tables of the database.
		return []string{c.accountARN("glue", "table/"+orAny(first(c.params, "Name"))+"/*")}
	}
	if table == "" {
		table = first(c.params, "Name")
	}
	if many := c.params.get("TablesToDelete"); len(many) > 0 {
		var found []string
		for _, one := range many {
			found = append(found, c.accountARN("glue", "table/"+database+"/"+one))
		}
		return found
	}
	return []string{c.accountARN("glue", "table/"+database+"/"+orAny(table))}
}

func orAny(name string) string {
	if name == "" {
		return "*"
	}
	return name
}

// logsResources returns a log group as log-group:NAME:log-stream:, which an ARN without a star at the end does not
// match. The source is the error message "not authorized to perform: logs:CreateLogGroup on resource:
// arn:aws:logs:…:log-group:NAME:log-stream:".
func (c *Call) logsResources() []string {
	group := first(c.params, "logGroupName", "logGroupIdentifier")
	if strings.HasPrefix(group, "arn:") {
		group = strings.TrimSuffix(group[strings.Index(group, ":log-group:")+len(":log-group:"):], ":*")
	}
	for _, kind := range table()["logs"].Actions[c.Operation] {
		switch strings.TrimSuffix(kind, "!") {
		case "log-stream":
			return []string{c.accountARN("logs", "log-group:"+orAny(group)+":log-stream:"+first(c.params, "logStreamName"))}
		case "log-group":
			if group != "" {
				return []string{c.accountARN("logs", "log-group:"+group+":log-stream:")}
			}
		}
	}
	switch c.Operation {
	case "DescribeLogGroups":
		return []string{c.accountARN("logs", "log-group::log-stream:")}
	case "TagResource", "UntagResource", "ListTagsForResource":
		return c.params.get("resourceArn")
	}
	return nil
}

func (c *Call) kmsResources() []string {
	var found []string
	for _, kind := range table()["kms"].Actions[c.Operation] {
		switch strings.TrimSuffix(kind, "!") {
		case "alias":
			found = append(found, c.accountARN("kms", orAny(first(c.params, "AliasName"))))
		case "key":
			found = append(found, c.key(first(c.params, "KeyId", "TargetKeyId", "DestinationKeyId", "AliasName")))
		}
	}
	return found
}

// key returns the ARN of a key, given by ID, ARN, alias or ciphertext.
func (c *Call) key(id string) string {
	if id == "" {
		id = first(c.params, "CiphertextBlob")
	}
	switch {
	case strings.HasPrefix(id, "arn:") && !strings.Contains(id, ":alias/"):
		return id
	case c.env.arn("key", id) != "":
		return c.env.arn("key", id)
	case id == "" || strings.Contains(id, "alias/") || first(c.params, "CiphertextBlob") == id:
		return c.accountARN("kms", "key/*")
	default:
		return c.accountARN("kms", "key/"+id)
	}
}

// secretResources returns the ARN of a secret. It resolves names, because ARNs end with six random characters.
func (c *Call) secretResources() []string {
	if len(table()["secretsmanager"].Actions[c.Operation]) == 0 {
		return nil
	}
	id := first(c.params, "SecretId", "Name")
	switch {
	case strings.HasPrefix(id, "arn:"):
		return []string{id}
	case id == "":
		return []string{c.accountARN("secretsmanager", "secret:*")}
	case c.env.arn("secret", id) != "":
		return []string{c.env.arn("secret", id)}
	default:
		return []string{c.accountARN("secretsmanager", "secret:"+id)}
	}
}

// queueResources returns the queue in the parameter QueueUrl or in the request's path.
func (c *Call) queueResources() []string {
	if slices.Contains([]string{"CreateQueue", "GetQueueUrl", "ListQueues"}, c.Operation) {
		return nil
	}
	u, err := url.Parse(cmp.Or(first(c.params, "QueueUrl"), c.http.URL.Path))
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return nil
	}
	return []string{c.accountARN("sqs", path.Base(u.Path))}
}

// ssmResources returns the document and instances of a command, and for the start of a runbook the document, the
// automation definition and any execution, whose ID is not known in advance:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
func (c *Call) ssmResources() []string {
	document, version := c.ssmDocument(first(c.params, "DocumentName")), cmp.Or(first(c.params, "DocumentVersion"), "$DEFAULT")
	switch c.Operation {
	case "SendCommand":
		found := []string{document}
		for _, id := range c.params.get("InstanceIds") {
			if strings.HasPrefix(id, "mi-") {
				found = append(found, c.accountARN("ssm", "managed-instance/"+id))
				continue
			}
			found = append(found, c.accountARN("ec2", "instance/"+id))
		}
		if len(found) == 1 { // The command selects instances by tags or groups.
			found = append(found, c.accountARN("ec2", "instance/*"))
		}
		return found
	case "StartAutomationExecution":
		definition := strings.Replace(document, ":document/", ":automation-definition/", 1) + ":" + version
		return []string{definition, document, c.accountARN("ssm", "automation-execution/*")}
	default:
		return c.parameterResources()
	}
}

// reservedNames are prefixes of the names of AWS's documents:
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateDocument.html
var reservedNames = []string{"aws", "amazon", "amzn"}

// ssmDocument returns the ARN of a document. ARNs of AWS's documents have no account.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-setup-identity-based-policies.html
func (c *Call) ssmDocument(name string) string {
	if strings.HasPrefix(name, "arn:") {
		return name
	}
	arn := c.accountARN("ssm", "document/"+orAny(name))
	if slices.ContainsFunc(reservedNames, func(prefix string) bool { return strings.HasPrefix(strings.ToLower(name), prefix) }) {
		arn = strings.Replace(arn, ":"+c.env.Account+":", "::", 1)
	}
	return arn
}

func (c *Call) parameterResources() []string {
	var found []string
	for _, kind := range table()["ssm"].Actions[c.Operation] {
		if strings.TrimSuffix(kind, "!") != "parameter" {
			return nil
		}
		names := c.params.get("Names")
		if len(names) == 0 {
			names = []string{first(c.params, "Name", "Path")}
		}
		for _, name := range names {
			if strings.HasPrefix(name, "arn:") {
				found = append(found, name)
				continue
			}
			found = append(found, c.accountARN("ssm", "parameter/"+orAny(strings.TrimPrefix(name, "/"))))
		}
	}
	return found
}

// iamResources returns the ARN of a role or instance profile with its path, which the name does not contain.
func (c *Call) iamResources() []string {
	for _, kind := range table()["iam"].Actions[c.Operation] {
		kind = strings.TrimSuffix(kind, "!")
		parameter := map[string]string{"role": "RoleName", "instance-profile": "InstanceProfileName"}[kind]
		if name := first(c.params, parameter); parameter != "" && name != "" && c.env.arn(kind, name) != "" {
			return []string{c.env.arn(kind, name)}
		}
		if folder := first(c.params, "Path"); parameter != "" && strings.HasPrefix(c.Operation, "Create") && len(folder) > 1 {
			return []string{"arn:" + c.env.Partition + ":iam::" + c.env.Account + ":" + kind + folder + first(c.params, parameter)}
		}
	}
	return nil
}
