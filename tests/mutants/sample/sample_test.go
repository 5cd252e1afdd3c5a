package sample

import "testing"

func TestHas(t *testing.T) {
	for hour, want := range map[int]bool{-1: false, 0: true, 24: false} {
		if Day.Has(hour) != want {
			t.Errorf("hour %d", hour)
		}
	}
}

func TestSum(t *testing.T) {
	if got := Sum(1, 2); got != 3 {
		t.Errorf("sum is %d", got)
	}
}
