package value

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// Error means that a property is not known yet, or has an unexpected shape. It never contains the value.
type Error struct {
	Path    string
	Unknown bool
	Want    string
	Got     string
}

func (e *Error) Error() string {
	if e.Unknown {
		return e.Path + " is not known yet"
	}
	return fmt.Sprintf("%s is %s, expected %s", e.Path, e.Got, e.Want)
}

// IsUnknown reports whether a value could not be read because it is not known yet.
func IsUnknown(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Unknown
}

func kind(v property.Value) string {
	switch {
	case v.IsBool():
		return "a boolean"
	case v.IsNumber():
		return "a number"
	case v.IsString():
		return "a string"
	case v.IsArray():
		return "a list"
	case v.IsMap():
		return "an object"
	case v.IsAsset(), v.IsArchive():
		return "an asset"
	case v.IsResourceReference():
		return "a resource reference"
	default:
		return "of an unknown type"
	}
}
