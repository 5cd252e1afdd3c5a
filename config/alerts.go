package config

import "net/mail"

// Alerts settings.
type Alerts struct {
	// Email receives the alerts; empty means no subscriber.
	Email string `config:"alertEmail"`
	// MonthlyBudgetUSD is the account's monthly budget; 0 creates none, because some accounts may not have one.
	MonthlyBudgetUSD int `config:"monthlyBudgetUsd"`
	// LateHours is the number of hours without a successful run after which events count
	// as late; 0 derives it: see Config.LateHours.
	LateHours int `config:"alarmLateHours"`
	// QuarantineShare is the share of a run's lines, 0 to 1, above which there is an alarm.
	QuarantineShare float64 `config:"alarmQuarantineShare"`
	// VolumeFactor is the factor above or below the usual volume of a day that raises an alarm.
	VolumeFactor float64 `config:"alarmVolumeFactor"`
	// SilentHours is the number of hours without an invocation after which the producer
	// counts as dead; 0 disables the alarm.
	SilentHours int `config:"alarmSilentHours"`
}

func (a Alerts) validate(k *check) {
	if a.Email != "" {
		// SNS accepts only the address, not the form Name <address>.
		if parsed, err := mail.ParseAddress(a.Email); err != nil || parsed.Address != a.Email {
			k.refuse("alertEmail", a.Email, "an e-mail address such as ops@example.com without a name, or no value")
		}
	}
	between(k, "monthlyBudgetUsd", a.MonthlyBudgetUSD, 0, 1_000_000)
	between(k, "alarmLateHours", a.LateHours, 0, maxLateHours)
	between(k, "alarmQuarantineShare", a.QuarantineShare, 0, 1)
	between(k, "alarmVolumeFactor", a.VolumeFactor, 1.1, 1000)
	between(k, "alarmSilentHours", a.SilentHours, 0, maxLateHours)
}
