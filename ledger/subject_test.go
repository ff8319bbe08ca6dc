package ledger

import "testing"

func TestASubjectIsReadAsItIsWritten(t *testing.T) {
	for text, want := range map[string]Subject{
		"p:m/a/2017-07":              {AboutOccurrence, "p:m/a/2017-07"},
		"p:m/a/file 1":               {AboutOccurrence, "p:m/a/file 1"}, // an event's key is what people write
		"request p:m/a/2017-07":      {AboutRequest, "p:m/a/2017-07"},
		"event file-repealed/a/k: 1": {AboutEvent, "file-repealed/a/k: 1"},
		"notice 12":                  {AboutNotice, "12"},
		"account li":                 {AboutAccount, "li"},
		"obligation p:m":             {"obligation", "p:m"},
		"outbox":                     {AboutOutbox, ""},
		"ledger":                     {AboutLedger, ""},
	} {
		got := ParseSubject(text)
		if got != want || got.String() != text {
			t.Errorf("%q: %+v, which is %q", text, got, got.String())
		}
	}
}
