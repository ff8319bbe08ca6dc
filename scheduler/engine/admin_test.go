package engine

import (
	"regexp"
	"testing"
)

func TestAdministratorsReadChinesePunctuation(t *testing.T) {
	half := regexp.MustCompile(`\p{Han}[,;:!?(]|[,;:!?)]\p{Han}`)
	for key, text := range adminTexts["zh-CN"] {
		if s := half.FindString(text); s != "" {
			t.Errorf("%s: %q in %s", key, s, text)
		}
		if adminTexts["en"][key] == "" {
			t.Errorf("%s is not said in English", key)
		}
	}
}
