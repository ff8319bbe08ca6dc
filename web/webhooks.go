package web

import (
	"net/http"

	"duban/scheduler/views"
	"duban/scheduler/webhook"
)

// webhooksPage is how the programs stand that are told what happens.
type webhooksPage struct{ Webhooks []views.Webhook }

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
		p.Webhooks = append(p.Webhooks, v)
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
