package engine

import (
	"slices"

	"duban/ledger"
	"duban/rules"
)

// channels are those by which a unit is reached: its own that the configuration
// has, and mail, unless it has no address and another channel.
func (v View) channels(u *rules.Unit) []string {
	if u == nil {
		return []string{ledger.ByMail}
	}
	var out []string
	for _, name := range u.Channels {
		if slices.Contains(v.Settings.Channels, name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if len(u.Mail) > 0 || len(out) == 0 {
		out = slices.Insert(out, 0, ledger.ByMail)
	}
	return out
}

// byEach is a notice as it goes into the outbox: once for each channel of its unit.
func byEach(v View, n *ledger.Notice) []*ledger.Notice {
	var out []*ledger.Notice
	for _, name := range v.channels(v.Rules.Unit(n.Unit)) {
		one := *n
		one.Channel, one.Items = name, slices.Clip(n.Items)
		if name != ledger.ByMail {
			one.MessageID = name + "." + n.MessageID
		}
		one.Recipients = v.Recipients(&one)
		out = append(out, &one)
	}
	return out
}
