package app

import (
	"testing"
	"time"

	"duban/cmd/duban/config"
)

func TestEachServiceOfAChannelIsOpened(t *testing.T) {
	for _, service := range config.Services {
		channel, err := Channel(&config.Config{}, &config.Channel{Name: "x", Service: service}, time.Now)
		if err != nil || channel == nil {
			t.Errorf("%s: %v", service, err)
		}
	}
}
