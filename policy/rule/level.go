package rule

import "fmt"

// Level is the effect of a violation: none, a warning, a failed preview, or a fix of the resource.
type Level int

// Levels of enforcement.
const (
	Off Level = iota
	Advisory
	Mandatory
	// Remediate fixes violations if the rule can, and is mandatory otherwise. Only a pack's configuration sets it.
	Remediate
)

func (l Level) String() string {
	return [...]string{"off", "advisory", "mandatory", "remediate"}[l]
}

// Word returns the engine's name of the level, as used in a pack's configuration.
func (l Level) Word() string {
	if l == Off {
		return "disabled"
	}
	return l.String()
}

// Words returns the engine's names of levels.
func Words(levels []Level) []string {
	words := make([]string, len(levels))
	for i, l := range levels {
		words[i] = l.Word()
	}
	return words
}

// Environment is a kind of stack.
type Environment string

// The environments. Local has the levels of Dev.
const (
	Prod  Environment = "prod"
	Dev   Environment = "dev"
	Local Environment = "local"
)

// ParseEnvironment reads the name of an environment.
func ParseEnvironment(name string) (Environment, error) {
	switch env := Environment(name); env {
	case Prod, Dev, Local:
		return env, nil
	default:
		return "", fmt.Errorf("environment %q is not one of prod, dev, local", name)
	}
}

// Levels returns the level for each environment.
type Levels struct{ Prod, Dev Level }

// The combinations in use.
var (
	// Always is mandatory everywhere, mostly because complying costs nothing.
	Always = Levels{Prod: Mandatory, Dev: Mandatory}
	// StrictInProd is advisory in small environments, because complying costs money.
	StrictInProd = Levels{Prod: Mandatory, Dev: Advisory}
	// ProdOnly is off in small environments, because it would hinder short-lived ones.
	ProdOnly = Levels{Prod: Mandatory, Dev: Off}
	// Advice is advisory everywhere.
	Advice = Levels{Prod: Advisory, Dev: Advisory}
	// ProdAdvice is advisory in production only.
	ProdAdvice = Levels{Prod: Advisory, Dev: Off}
	// CostGuard keeps a small environment small.
	CostGuard = Levels{Prod: Advisory, Dev: Mandatory}
	// DevAdvice is advisory in small environments only.
	DevAdvice = Levels{Prod: Off, Dev: Advisory}
)

// In returns the level in an environment.
func (l Levels) In(env Environment) Level {
	if env == Prod {
		return l.Prod
	}
	return l.Dev
}
