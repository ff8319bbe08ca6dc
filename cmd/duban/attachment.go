package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"duban/cmd/duban/app"
	"duban/ledger"
	"duban/rules/problem"
	"duban/scheduler/desk"
	"duban/scheduler/views"
)

func attachmentCommand(a *env) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "attachment",
		Short: "The files that came with reports, progress and requests",
		Args:  exactly(),
		RunE:  func(*cobra.Command, []string) error { return usagef("attachment: say list, get, zip or remove") },
	}
	cmd.AddCommand(attachmentListCommand(a), attachmentGetCommand(a), attachmentZipCommand(a), attachmentRemoveCommand(a))
	return cmd
}

func attachmentListCommand(a *env) *cobra.Command {
	return jsonFlag(a, &cobra.Command{
		Use:   "list OCCURRENCE",
		Short: "List the files of an occurrence",
		Args:  exactly("OCCURRENCE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.look(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				o, err := b.Find(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				files, err := b.Attachments(cmd.Context(), o.ID)
				if err != nil {
					return err
				}
				out, rows := []views.Attachment{}, [][]any{}
				for _, f := range files {
					v := views.NewAttachment(f, b.View().Settings.Timezone)
					out = append(out, v)
					removed := "-"
					if v.Removed != nil {
						removed = *v.Removed + " " + v.Reason
					}
					rows = append(rows, []any{v.ID, v.Name, v.Type, v.Size, v.By, *v.At, removed})
				}
				if a.asJSON {
					return printJSON(a.out, out)
				}
				a.table([]column{{head: "ID", right: true}, {head: "NAME", width: 40}, {head: "TYPE"}, {head: "SIZE", right: true}, {head: "BY"}, {head: "AT"}, {head: "REMOVED", width: 40}}, rows)
				return nil
			})
		},
	})
}

// fileID is the number that a person gave.
func fileID(s string) (int64, error) {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, usagef("%q is no number of a file: duban attachment list shows them", s)
	}
	return id, nil
}

func attachmentGetCommand(a *env) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "get ID [--out FILE]",
		Short: "Write a file out of the ledger; without --out under its own name, here",
		Args:  exactly("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := fileID(args[0])
			if err != nil {
				return err
			}
			return a.look(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				f, err := b.Attachment(cmd.Context(), id)
				switch {
				case err != nil:
					return err
				case !f.Removed.IsZero():
					return problem.Errorf("file %d was removed by %s: %s", id, f.RemovedBy, f.Reason)
				case out == "-":
					return ledger.CopyAttachment(cmd.Context(), b, f, a.out)
				}
				name := out
				if name == "" {
					name = f.Name
					if _, err := os.Lstat(name); err == nil {
						return problem.Errorf("%s is there already: --out names another file", name)
					}
				}
				return a.writeOut(name, func(w io.Writer) error { return ledger.CopyAttachment(cmd.Context(), b, f, w) })
			})
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "the `file` to write; - is the standard output")
	return cmd
}

// writeOut writes a file that is there whole or not at all.
func (a *env) writeOut(name string, write func(io.Writer) error) error {
	f, err := renameio.TempFile(filepath.Dir(name), name)
	if err != nil {
		return err
	}
	defer f.Cleanup()
	if err := write(f); err != nil {
		return err
	}
	if err := f.CloseAtomicallyReplace(); err != nil {
		return err
	}
	a.say("%s written", name)
	return nil
}

func attachmentZipCommand(a *env) *cobra.Command {
	var period, out string
	cmd := &cobra.Command{
		Use:   "zip PLAN --out FILE [--period PERIOD]",
		Short: "Write all files of a plan, or of one period of it, into a .zip for the archive",
		Args:  exactly("PLAN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.look(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				return a.writeOut(out, func(w io.Writer) error {
					n, err := desk.Archive(cmd.Context(), b, args[0], period, w)
					if err == nil && n == 0 {
						err = problem.Errorf("%s has no files of that period", args[0])
					}
					return err
				})
			})
		},
	}
	cmd.Flags().StringVar(&period, "period", "", "only of this `period`, as 2017-07")
	cmd.Flags().StringVar(&out, "out", "", "the `file` to write")
	required(cmd, "out")
	return cmd
}

func attachmentRemoveCommand(a *env) *cobra.Command {
	act := desk.Act{}
	cmd := &cobra.Command{
		Use:   "remove ID --reason WHY",
		Short: "Take the bytes of a file away; its name, its hash and the reason stay",
		Args:  exactly("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := fileID(args[0])
			if err != nil {
				return err
			}
			return a.with(cmd.Context(), func(_ *app.Site, b *app.Book) error {
				f, err := b.Desk.RemoveFile(cmd.Context(), id, act)
				if err == nil {
					a.say("%s removed", f.Name)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVar(&act.Reason, "reason", "", "`why`")
	cmd.Flags().StringVar(&act.By, "by", who(), "`who` did it")
	required(cmd, "reason")
	return cmd
}

// attachFlag gives a command --attach.
func attachFlag(cmd *cobra.Command, files *[]string) {
	cmd.Flags().StringArrayVar(files, "attach", nil, "a `file` that comes with it; may be given several times")
}

// uploads reads the files that come with an act; each has to be closed.
func uploads(names []string) (out []*desk.Upload, err error) {
	for _, name := range names {
		u, err := upload(name)
		if err != nil {
			closeAll(out)
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

func upload(name string) (*desk.Upload, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--attach: %w", err)
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, problem.Errorf("--attach %s: that is no file", name)
	}
	return desk.Receive("", filepath.Base(name), f)
}

func closeAll(files []*desk.Upload) {
	for _, f := range files {
		f.Close()
	}
}

// actWith is actOn with files.
func actWith(ctx context.Context, a *env, verb desk.Verb, key string, act desk.Act, names []string) error {
	files, err := uploads(names)
	if err != nil {
		return err
	}
	defer closeAll(files)
	act.Files = files
	return actOn(ctx, a, verb, key, act)
}
