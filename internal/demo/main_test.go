package demo_test

import (
	"testing"

	"parley/internal/hometest"
)

func TestMain(m *testing.M) { hometest.Main(m) }
