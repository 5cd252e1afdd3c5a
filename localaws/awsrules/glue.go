package awsrules

import (
	"errors"
	"strings"

	"localaws/schedule"
)

var glueRules = map[string]rule{
	"glue:CreateTable":           table,
	"glue:UpdateTable":           table,
	"glue:CreatePartition":       partition,
	"glue:UpdatePartition":       partition,
	"glue:BatchCreatePartition":  partitions,
	"glue:CreateCrawler":         crawler,
	"glue:UpdateCrawler":         crawler,
	"glue:UpdateCrawlerSchedule": crawler,
	"glue:CreateTrigger":         trigger,
	"glue:UpdateTrigger":         func(p params) error { return scheduled(p.object("TriggerUpdate").text("Schedule")) },
}

// table rejects duplicate column names. Hive ignores their case.
// https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
func table(p params) error {
	input := p.object("TableInput")
	return duplicate(append(input.object("StorageDescriptor").objects("Columns"), input.objects("PartitionKeys")...))
}

func partition(p params) error {
	return duplicate(p.object("PartitionInput").object("StorageDescriptor").objects("Columns"))
}

func partitions(p params) error {
	for _, input := range p.objects("PartitionInputList") {
		if err := duplicate(input.object("StorageDescriptor").objects("Columns")); err != nil {
			return err
		}
	}
	return nil
}

func duplicate(columns []params) error {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = strings.ToLower(c.text("Name"))
	}
	if name := repeated(names); name != "" {
		return refuse("InvalidInputException", "Duplicate column name: %s", name)
	}
	return nil
}

func crawler(p params) error { return scheduled(p.text("Schedule")) }

func trigger(p params) error {
	if p.text("Type") == "SCHEDULED" && p.text("Schedule") == "" {
		return refuse("InvalidInputException", "Schedule cannot be null or empty for a trigger of type SCHEDULED")
	}
	return scheduled(p.text("Schedule"))
}

// scheduled rejects invalid cron expressions and intervals below Glue's minimum of five minutes.
// https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
func scheduled(expression string) error {
	if expression == "" {
		return nil
	}
	err := schedule.CheckGlue(expression)
	if errors.Is(err, schedule.ErrTooOften) {
		return refuse("InvalidInputException", "Schedule expression %s is invalid: the minimum interval is 5 minutes", expression)
	}
	if err != nil {
		return refuse("InvalidInputException", "invalid schedule cron expression: %s", expression)
	}
	return nil
}
