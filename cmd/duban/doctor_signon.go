package main

import (
	"context"
	"time"

	"duban/cmd/duban/app"
)

// signOn asks the sign-on service, where there is one, for its addresses.
func (d *doctor) signOn(ctx context.Context) {
	c := d.site.Config
	provider := app.SignOn(c, time.Now)
	if provider == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	if _, err := c.OIDCSecret(); err != nil {
		d.add("sign-on", resultWrong, err.Error(), "make the file readable for the daemon's user")
		return
	}
	if err := provider.Reach(ctx); err != nil {
		d.add("sign-on", resultWrong, err.Error(), "check [web.oidc] issuer: it is the address under which /.well-known/openid-configuration lies, to the letter; who has a password signs in all the same")
		return
	}
	d.add("sign-on", resultOK, c.OIDC.Issuer+" answers; it sends people back to "+c.BaseURL+"/signin/oidc/callback", "")
}
