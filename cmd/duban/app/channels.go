package app

import (
	"slices"

	"duban/cmd/duban/config"
	"duban/notify"
	"duban/notify/chat"
	"duban/notify/hook"
	"duban/rules"
	"duban/rules/problem"
	"duban/scheduler"
	"duban/scheduler/delivery"
	"duban/scheduler/webhook"
)

// Channel opens a channel beside mail. It connects to nothing yet, and reads its
// address when something leaves: one that is wrong or not there is that channel's
// trouble, and neither mail's nor another's.
func Channel(c *config.Config, one *config.Channel, clock scheduler.Clock) (notify.Channel, error) {
	page := c.BaseURL
	if c.Listen == "" {
		page = ""
	}
	if one.Service == hook.Service {
		return hook.New(hook.Settings{Address: one.Address, Allow: one.Allow, Link: one.Link, Page: page, Clock: clock}), nil
	}
	s := chat.Settings{Service: one.Service, Address: one.Address, Link: one.Link, Page: page, Clock: clock}
	if one.Service == chat.Shoutrrr {
		return chat.NewLibrary(s), nil
	}
	return chat.New(s)
}

// channels are all of them, as delivery knows them.
func channels(c *config.Config, clock scheduler.Clock) (ways []delivery.Way, err error) {
	for _, one := range c.Channels {
		channel, err := Channel(c, one, clock)
		if err != nil {
			return nil, err
		}
		ways = append(ways, delivery.Way{Name: one.Name, Channel: channel, MaxPerMinute: one.MaxPerMinute})
	}
	return ways, nil
}

// webhooks are those of the configuration.
func webhooks(c *config.Config) (hooks []webhook.Hook) {
	for _, h := range c.Webhooks {
		hooks = append(hooks, webhook.Hook{Name: h.Name, On: h.On, Allow: h.Allow, Address: h.Address})
	}
	return hooks
}

// checkChannels tells which units have a channel that the configuration lacks: one that
// nothing else reaches is not reached at all.
func checkChannels(c *config.Config, set *rules.Set, problems *problem.List) {
	var names []string
	for _, one := range c.Channels {
		names = append(names, one.Name)
	}
	for _, u := range set.Units {
		reached := len(u.Mail) > 0
		for _, name := range u.Channels {
			reached = reached || slices.Contains(names, name)
		}
		for _, name := range u.Channels {
			switch {
			case slices.Contains(names, name):
			case reached:
				problems.WarnOf(u.Pos(), "channels", "unit %q: the configuration has no [channel.%s]%s; the unit is reached otherwise", u.ID, problem.Clip(name), problem.DidYouMean(name, names))
			default:
				problems.AddTo(u.Pos(), "channels", "unit %q: the configuration has no [channel.%s]%s, and the unit has no mail: nothing reaches it", u.ID, problem.Clip(name), problem.DidYouMean(name, names))
			}
		}
	}
}
