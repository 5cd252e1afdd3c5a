package deploy

import "strings"

// advice is what to do about known errors. <stack> is replaced by the stack's name.
var advice = []struct{ text, advice string }{
	{
		"the stack is currently locked by", cancelLock,
	}, {
		"Another update is currently in progress", cancelLock,
	}, {
		"A previous rotation isn't complete",
		"Secrets Manager retries the rotation; the log /aws/lambda/store-events-<stack>-rotation shows why it failed. Run the command again after a retry has succeeded",
	}, {
		"CrawlerRunningException",
		"the crawler is running: run the command again when the crawl has ended, or stop it with `aws glue stop-crawler`",
	}, {
		// https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
		"The function is currently in the following state",
		"Lambda releases the network interfaces of a function that nothing has called for weeks, and creates them again now: run the command again in two minutes",
	}, {
		"DependencyViolation",
		"network interfaces of Glue or Lambda still exist: AWS deletes them up to 40 minutes after the last run; run the command again then",
	}, {
		"Cannot delete protected DB Instance",
		"the database is protected against deletion: docs/stack-lifecycle.md describes how to remove a stack and keep its data",
	}, {
		"is protected",
		"protectData is set: docs/stack-lifecycle.md describes how to remove a stack and keep its data",
	}, {
		"currently marked for protection",
		"protectData is set, and the change would delete data: undo the change, or see docs/stack-lifecycle.md",
	}, {
		"BucketAlreadyOwnedByYou",
		"a destroy with protectData keeps the bucket: choose another bucketName, or remove the setting",
	}, {
		pendingOperations, adoptPending,
	}, {
		"ResourceAlreadyExistsException",
		"AWS created the log group again after an earlier destroy: delete it with `aws logs delete-log-group`, and run the command again",
	},
}

// cancelLock is the advice for stacks on AWS: for others, begin removes the lock.
const cancelLock = "another command is updating the stack, or was killed: if none is running on any machine, `pulumi cancel --stack <stack>` removes the lock"

// adoptPending is the advice for resources that an earlier update may have created.
const adoptPending = "an earlier command was killed while it created these resources, and the stack's state lacks them: check whether they exist on AWS, " +
	"import or dismiss them with `pulumi refresh --stack <stack>`, which prompts for each, and run the command again"

// advise returns the advice on the first known error.
func advise(stack string, errors []string) []string {
	for _, a := range advice {
		for _, e := range errors {
			if strings.Contains(e, a.text) {
				return append([]string{strings.ReplaceAll(a.advice, "<stack>", stack)}, settingsIn(e)...)
			}
		}
	}
	return nil
}

// settingsIn names the settings that replace or delete the resources in an error.
func settingsIn(text string) []string {
	for kind := range storeSettings {
		if strings.Contains(text, kind) {
			return []string{kind + because(kind)}
		}
	}
	return nil
}
