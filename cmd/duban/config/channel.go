package config

import (
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"duban/ledger"
	"duban/notify/chat"
	"duban/notify/hook"
	"duban/notify/post"
	"duban/rules/problem"
	"duban/rules/toml"
	"duban/scheduler/webhook"
)

// Channel is a way to reach units beside mail: [channel.NAME].
type Channel struct {
	Name         string
	Service      string
	Link         bool // the unit's signed link goes along
	MaxPerMinute int  // 0: no limit
	Allow        []netip.Prefix

	file string
	at   problem.Pos // of the key that names the file, or of the table
}

// service is what a channel may be of.
type service struct {
	check   func(post.Address) error // what its address must be
	guarded bool                     // it posts to whoever the configuration names, and never to a host within
}

// services are all of them, by name; app.Channel opens each.
var services = func() map[string]service {
	all := map[string]service{hook.Service: {post.Address.HTTP, true}}
	for _, name := range append(chat.Services(), chat.Shoutrrr) {
		all[name] = service{check: func(a post.Address) error { return chat.Check(name, a) }}
	}
	return all
}()

// Services are their names.
var Services = slices.Sorted(maps.Keys(services))

// Guarded tells whether it posts through a guard, which Allow opens.
func (c *Channel) Guarded() bool { return services[c.Service].guarded }

// nameForm is what channels and webhooks are called: a file and a metric may have the
// name.
var nameForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

const nameHint = `write a name of a-z, 0-9 and "-", at most 40 characters`

// perMinute is what robots take.
const perMinute = 20

func (r reader) channels(t *toml.Table) {
	for _, name := range t.Keys() {
		one := t.Table(name)
		if one == nil {
			continue // which is told
		}
		c := &Channel{Name: name, Service: one.String("service"), Link: one.Bool("link", false), MaxPerMinute: one.Int("max_per_minute", perMinute)}
		c.file, c.at = r.path(one.String("url_file")), one.At("url_file")
		switch {
		case name == ledger.ByMail:
			t.Errorf(name, "this name is that of mail itself: choose another")
		case !nameForm.MatchString(name):
			t.Errorf(name, "%q is no name of a channel: %s", name, problem.Word(nameHint))
		}
		if !one.Has("service") {
			one.Missing("service", "one of "+strings.Join(Services, ", "))
		} else if !slices.Contains(Services, c.Service) && !one.Invalid("service") {
			one.Errorf("service", "no service %q%s; there are %s", c.Service, problem.DidYouMean(c.Service, Services), strings.Join(Services, ", "))
		}
		if c.MaxPerMinute < 0 {
			one.Errorf("max_per_minute", "%d: write how many messages may leave in a minute, or 0 for no limit", c.MaxPerMinute)
		}
		if c.Allow = networks(one, "allow"); len(c.Allow) > 0 && !c.Guarded() {
			one.Errorf("allow", "is for the service webhook alone")
		}
		one.Done()
		r.c.Channels = append(r.c.Channels, c)
	}
}

// Address is where a channel leads: from its file, or from systemd. It is a secret.
func (c *Channel) Address() (post.Address, error) {
	file := c.file
	if file == "" {
		if file = credential("channel-" + c.Name); file == "" {
			return post.Address{}, problem.Errorf("[channel.%s] has no address: name a url_file, or set the credential channel-%s", c.Name, c.Name)
		}
	}
	a, err := post.Read(file)
	if err != nil {
		return a, problem.Errorf("[channel.%s] url_file: %w", c.Name, err)
	}
	return a, nil
}

// Check tells what is wrong with the address, at its place in the configuration.
func (c *Channel) Check(problems *problem.List) {
	a, err := c.Address()
	if err != nil && c.file == "" {
		problems.WarnOf(c.at, "url_file", "%w", err) // systemd gives it to the daemon alone
		return
	}
	if of, known := services[c.Service]; err == nil && known {
		err = of.check(a)
	}
	if err != nil {
		problems.AddTo(c.at, "url_file", "%w", err)
		return
	}
	if what := OpenToOthers(c.file); what != "" {
		problems.WarnOf(c.at, "url_file", "%s may be read by others: whoever has it can write to the group; chmod 600", c.file)
	}
}

// Webhook is a program that is told what happens: [[webhook]].
type Webhook struct {
	Name  string
	On    []string
	Allow []netip.Prefix

	url        string
	secretFile string
	at         problem.Pos
}

// Happenings are what a webhook may be told.
var Happenings = []string{webhook.Made, webhook.Reported, webhook.Closed, webhook.Overdue, webhook.Extended, webhook.Transferred}

func (r reader) webhooks(t *toml.Table) {
	for _, one := range t.Tables("webhook") {
		h := &Webhook{Name: one.String("name"), url: one.String("url"), secretFile: r.path(one.String("secret_file")), at: one.At("secret_file"), Allow: networks(one, "allow")}
		switch {
		case !one.Has("name"):
			one.Missing("name", nameHint)
		case !nameForm.MatchString(h.Name) && !one.Invalid("name"):
			one.Errorf("name", "%q is no name of a webhook: %s", h.Name, problem.Word(nameHint))
		case slices.ContainsFunc(r.c.Webhooks, func(o *Webhook) bool { return o.Name == h.Name }):
			one.Errorf("name", "a second webhook %q: what each has been told is kept by its name", h.Name)
		}
		u, err := url.Parse(h.url)
		switch {
		case !one.Has("url"):
			one.Missing("url", `write it like "https://oa.zs.example/hooks/duban"`)
		case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
			one.Errorf("url", `is no address: write it like "https://oa.zs.example/hooks/duban"`)
		case u.User != nil:
			one.Errorf("url", "a password stands in it: what is posted is signed, and needs none")
		}
		for _, v := range one.Strings("on") {
			if !slices.Contains(Happenings, v.Text) {
				one.ErrorAt(v, "on", "%q is none of %q%s", problem.Clip(v.Text), Happenings, problem.DidYouMean(v.Text, Happenings))
				continue
			}
			h.On = append(h.On, v.Text)
		}
		if !one.Has("on") {
			h.On = Happenings
		} else if one.Empty("on") {
			one.Errorf("on", "names nothing: write some of %q", Happenings)
		}
		one.Done()
		r.c.Webhooks = append(r.c.Webhooks, h)
	}
}

// Address is where a webhook leads, with the secret that signs: from its file, or from
// the systemd credential webhook-NAME.
func (h *Webhook) Address() (post.Address, error) {
	a := post.Address{URL: h.url}
	file := h.secretFile
	if file == "" {
		if file = credential("webhook-" + h.Name); file == "" {
			return a, problem.Errorf("[[webhook]] %s has no secret: name a secret_file, or set the credential webhook-%s", h.Name, h.Name)
		}
	}
	read, err := post.Read(file)
	if err != nil {
		return a, problem.Errorf("[[webhook]] %s secret_file: %w", h.Name, err)
	}
	a.Secret = read.URL // of its one line
	return a, nil
}

// Check tells what is wrong with the secret, at its place in the configuration.
func (h *Webhook) Check(problems *problem.List) {
	a, err := h.Address()
	if err != nil && h.secretFile == "" {
		problems.WarnOf(h.at, "secret_file", "%w", err) // systemd gives it to the daemon alone
		return
	}
	if err == nil {
		err = webhook.Check(a)
	}
	if err != nil {
		problems.AddTo(h.at, "secret_file", "%w", err)
		return
	}
	if what := OpenToOthers(h.secretFile); what != "" {
		problems.WarnOf(h.at, "secret_file", "%s may be read by others: whoever has it can sign in our name; chmod 600", h.secretFile)
	}
}
