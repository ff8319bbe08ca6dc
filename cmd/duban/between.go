package main

import (
	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules"
	"duban/scheduler/desk"
	"duban/scheduler/views"
)

func transferCommand(a *env) *cobra.Command {
	act := desk.Act{}
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "transfer OCCURRENCE --to UNIT --reason WHY",
		Short: "Move an open occurrence to another unit",
		Long: `transfer moves an open occurrence to another unit, with its due date and its
history. It goes on as OBLIGATION/UNIT/PERIOD of that unit; the old id stays,
cancelled, and says where it went. Both units are told by letter.`,
		Args:              exactly("OCCURRENCE"),
		ValidArgsFunction: a.completeOpen,
		RunE: func(cmd *cobra.Command, args []string) error {
			return actOn(cmd.Context(), a, desk.Transfer, args[0], act)
		},
	})
	f := cmd.Flags()
	f.StringVar(&act.Unit, "to", "", "the `unit` that is to do it")
	f.StringVar(&act.Reason, "reason", "", "`why`")
	f.StringVar(&act.By, "by", who(), "`who` did it")
	_ = cmd.RegisterFlagCompletionFunc("to", a.completeUnits) // the flag was just made
	required(cmd, "to", "reason")
	return cmd
}

func retractCommand(a *env) *cobra.Command {
	act := desk.Act{}
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "retract OCCURRENCE --reason WHY",
		Short: "Take a report back: until it is accepted, or for 3 working days where nobody has to accept it",
		Args:  exactly("OCCURRENCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return actOn(cmd.Context(), a, desk.Retract, args[0], act)
		},
	})
	f := cmd.Flags()
	f.StringVar(&act.Reason, "reason", "", "`why`")
	f.StringVar(&act.By, "by", who(), "`who` did it")
	required(cmd, "reason")
	return cmd
}

func progressCommand(a *env) *cobra.Command {
	act := desk.Act{}
	var files []string
	cmd := jsonFlag(a, &cobra.Command{
		Use:               "progress OCCURRENCE --note TEXT",
		Short:             "Say how far an occurrence has come, without ending it",
		Args:              exactly("OCCURRENCE"),
		ValidArgsFunction: a.completeOpen,
		RunE: func(cmd *cobra.Command, args []string) error {
			return actWith(cmd.Context(), a, desk.Progress, args[0], act, files)
		},
	})
	f := cmd.Flags()
	f.StringVar(&act.Note, "note", "", "how far it has come")
	f.StringVar(&act.By, "by", who(), "`who` says so")
	attachFlag(cmd, &files)
	required(cmd, "note")
	return cmd
}

func urgeCommand(a *env) *cobra.Command {
	var unit string
	var light rules.Light
	act := desk.Act{}
	cmd := jsonFlag(a, &cobra.Command{
		Use:   "urge (OCCURRENCE… | --unit UNIT) [--light LIGHT] [--note TEXT]",
		Short: "Urge units to do what is open: a letter, at most one a unit and day",
		Long: `urge puts what is open into a letter to its unit, which leaves with the next open
window: at most one a unit and day. Another item of the same day joins the letter
as long as it has not left; the same item again is nothing new.`,
		ValidArgsFunction: a.completeOpen,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case (unit != "") == (len(args) > 0):
				return usagef("urge: name occurrences, or a unit by --unit")
			case light != "" && unit == "":
				return usagef("urge: --light goes with --unit")
			}
			return a.with(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				var urged []desk.Urged
				var err error
				if unit != "" {
					urged, err = b.Desk.UrgeUnit(cmd.Context(), unit, light, act)
				} else {
					urged, err = b.Desk.Urge(cmd.Context(), args, act)
				}
				if err != nil {
					return err
				}
				return a.sayUrged(cmd, b, urged)
			})
		},
	})
	f := cmd.Flags()
	f.StringVar(&unit, "unit", "", "all that this `unit` has open")
	f.Var(choiceValue[rules.Light]{&light, []rules.Light{rules.Red, rules.Yellow, rules.Green}}, "light", "only what has this light")
	f.StringVar(&act.Note, "note", "", "a `text` for the unit")
	f.StringVar(&act.By, "by", who(), "`who` urges")
	_ = cmd.RegisterFlagCompletionFunc("unit", a.completeUnits) // the flag was just made
	return cmd
}

// sayUrged says what is in whose letter now; as JSON the occurrences.
func (a *env) sayUrged(cmd *cobra.Command, b *app.Book, urged []desk.Urged) error {
	out, by := []views.Occurrence{}, views.NewLister(b, b.View())
	for _, u := range urged {
		for _, of := range [][]*ledger.Occurrence{u.Fresh, u.Again} {
			for _, o := range of {
				row, err := by.Occurrence(cmd.Context(), o)
				if err != nil {
					return err
				}
				out = append(out, row)
			}
		}
		if a.asJSON {
			continue
		}
		for _, o := range u.Fresh {
			a.say("%s  is in the letter to %s of %s", o.Key(), u.Unit, u.Day)
		}
		for _, o := range u.Again {
			a.say("%s  was urged already, in the letter of %s: nothing new", o.Key(), u.Day)
		}
	}
	if a.asJSON {
		return printJSON(a.out, out)
	}
	return nil
}
