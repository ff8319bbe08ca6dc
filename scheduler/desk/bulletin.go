package desk

import (
	"context"

	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/engine"
)

// SendBulletin puts the bulletin of some months into the outbox, also where the
// schedule has sent it already, and tells for which units.
func (d *Desk) SendBulletin(ctx context.Context, m engine.Months, by string) (to []string, err error) {
	v := d.view()
	err = d.ledger.Update(ctx, func(tx ledger.Tx) (err error) {
		to, err = engine.PostBulletin(tx, v, m, by, v.Now.String())
		if err == nil && len(to) == 0 {
			err = problem.New(problem.Invalid, "nobody is to have it: name units in [bulletin] to of the configuration, or give units a supervisor")
		}
		return err
	})
	if err == nil {
		d.log.Info().Str("from", m.From).Str("to", m.To).Strs("units", to).Msg("bulletin")
	}
	return to, err
}
