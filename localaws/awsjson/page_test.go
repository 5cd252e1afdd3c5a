package awsjson

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCutReturnsEveryItemOnce(t *testing.T) {
	items := []int{1, 2, 3, 4, 5}
	for _, size := range []int{0, 1, 2, 5, 9} {
		var got []int
		page := Page{MaxResults: size}
		for {
			part, next, err := Cut(items, page, 3)
			require.NoError(t, err)
			require.LessOrEqual(t, len(part), 3)
			got = append(got, part...)
			if next == "" {
				break
			}
			page.NextToken = next
		}
		require.Equal(t, items, got, "page size %d", size)
	}
}

func TestCutRefusesForeignToken(t *testing.T) {
	for _, token := range []string{"%", "YQ==", "LTE="} {
		_, _, err := Cut([]int{1}, Page{NextToken: token}, 3)
		require.ErrorContains(t, err, InvalidInput, token)
	}
}
