package web

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	"duban/ledger"
	"duban/rules/calendar"
)

// Whatever a brief has, its unit and the place in memory give it back: each field by
// itself, so that one that is added is not forgotten.
func TestWhatGoesOnIsKeptAsItWas(t *testing.T) {
	same := func(b ledger.Brief) {
		t.Helper()
		if kept := goingOnOf(&b); kept.brief(b.Unit) != b {
			t.Errorf("%+v\nis kept as\n%+v", b, kept.brief(b.Unit))
		}
	}
	plain := ledger.Brief{ID: 7, Plan: "p", Obligation: "o", Unit: "u", Period: "2017-05", Due: 17000, State: ledger.StateOpen}
	same(plain)
	if kept := goingOnOf(&plain); kept.rest != nil {
		t.Error("what is as most are has something apart")
	}
	for i := range reflect.TypeFor[ledger.Brief]().NumField() {
		b := plain
		field := reflect.ValueOf(&b).Elem().Field(i)
		switch field.Addr().Interface().(type) {
		case *int64:
			field.SetInt(1 << 40)
		case *bool:
			field.SetBool(true)
		case *string:
			field.SetString("other")
		case *ledger.State:
			b.State = ledger.StateReported
		case *calendar.Date:
			field.SetInt(18000)
		case *time.Time:
			field.Set(reflect.ValueOf(time.Date(2017, 6, 9, 9, 0, 0, 0, time.UTC)))
		default:
			t.Fatalf("say what %s may be", reflect.TypeFor[ledger.Brief]().Field(i).Name)
		}
		same(b)
	}
	if size := unsafe.Sizeof(goingOn{}); size > 40 {
		t.Errorf("what goes on takes %d bytes", size)
	}
}
