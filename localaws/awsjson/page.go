package awsjson

import (
	"encoding/base64"
	"strconv"
)

// Page contains the pagination parameters of a list request.
type Page struct {
	MaxResults int
	NextToken  string
}

// Cut returns one page of the items, with at most limit items, and the token of the next page, or "" for the last page.
func Cut[T any](items []T, page Page, limit int) ([]T, string, error) {
	start, err := page.start(len(items))
	if err != nil {
		return nil, "", err
	}
	size := limit
	if page.MaxResults > 0 {
		size = min(page.MaxResults, limit)
	}
	end := min(start+size, len(items))
	if end == len(items) {
		return items[start:], "", nil
	}
	return items[start:end], base64.StdEncoding.EncodeToString([]byte(strconv.Itoa(end))), nil
}

func (p Page) start(length int) (int, error) {
	if p.NextToken == "" {
		return 0, nil
	}
	raw, err := base64.StdEncoding.DecodeString(p.NextToken)
	if err != nil {
		return 0, Errorf(InvalidInput, "NextToken is invalid")
	}
	start, err := strconv.Atoi(string(raw))
	if err != nil || start < 0 {
		return 0, Errorf(InvalidInput, "NextToken is invalid")
	}
	return min(start, length), nil
}
