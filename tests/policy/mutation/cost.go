package mutation

var cost = []Mutation{
	{Rule: "cost-within-budget", Change: together(database("instanceClass", "db.r6g.xlarge"), job("numberOfWorkers", 10))},
}
