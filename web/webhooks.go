package web

import (
	"net/http"
	"time"

	"duban/scheduler/views"
	"duban/scheduler/webhook"
)

// webhooksPage is how the programs stand that are told what happens.
type webhooksPage struct{ Webhooks []hookShown }

// hookShown is one of them, with its moments as people read them; empty: there is none.
type hookShown struct {
	Of          views.Webhook
	Since, Next string
}

// moment is one of the views' as people read it, who do not ask which zone it is in.
func moment(s *string) string {
	if s == nil {
		return ""
	}
	t, err := time.Parse(time.RFC3339, *s)
	if err != nil {
		return *s
	}
	return t.Format(time.DateTime)
}

// postsShown is how many of a webhook's last posts are shown.
const postsShown = 50

func (s *office) webhooks(w http.ResponseWriter, r *http.Request) error {
	var p webhooksPage
	for _, h := range s.hooks {
		v, err := views.NewWebhook(r.Context(), s.ledger, h.Name, postsShown, s.view())
		if err != nil {
			return err
		}
		if to, err := h.Address(); err == nil {
			v.Host = to.Host()
		}
		for i := range v.Last {
			v.Last[i].At = moment(&v.Last[i].At)
		}
		p.Webhooks = append(p.Webhooks, hookShown{v, moment(v.Since), moment(v.NextAttempt)})
	}
	return s.frame.show(w, r, http.StatusOK, "webhooks", p)
}

// retryWebhook lets one go on.
func (s *office) retryWebhook(w http.ResponseWriter, r *http.Request) error {
	for _, h := range s.hooks {
		if h.Name == r.PathValue("name") {
			return s.frame.done(w, r, webhook.Retry(r.Context(), s.ledger, h.Name, 0), "It is posted to within a few seconds.", "/webhooks")
		}
	}
	return errNotFound
}
