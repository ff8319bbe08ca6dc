package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"duban/rules/problem"
)

// Password is the SMTP password: from its file, from systemd (LoadCredential=,
// systemd.exec(5)), or from the environment.
func (c *Config) Password() (string, error) {
	if c.SMTP.Username == "" {
		return "", nil
	}
	return secret("[mail.smtp]", c.PasswordFile, "smtp-password", "DUBAN_SMTP_PASSWORD")
}

// InboxPassword is that of the IMAP inbox of delivery reports.
func (c *Config) InboxPassword() (string, error) {
	return secret("[mail.bounces]", c.Bounces.PasswordFile, "imap-password", "DUBAN_IMAP_PASSWORD")
}

// LinkKey is what signs the links of units: the systemd credential link-key, the file
// that the configuration names, or one that is made when it is first needed, beside
// the ledger or, where that lies in a database, beside the configuration.
func (c *Config) LinkKey() string {
	if file := credential("link-key"); file != "" {
		return file
	}
	switch {
	case c.LinkKeyFile != "":
		return c.LinkKeyFile
	case c.Shared():
		return filepath.Join(filepath.Dir(c.File), "link.key")
	}
	return filepath.Join(filepath.Dir(c.Ledger), "link.key")
}

// credential is the file that systemd hands over under a name; empty: none.
func credential(name string) string {
	dir := os.Getenv("CREDENTIALS_DIRECTORY")
	if dir == "" {
		return ""
	}
	file := filepath.Join(dir, name)
	if _, err := os.Stat(file); err != nil {
		return ""
	}
	return file
}

// LinkKeyGiven tells whether the key is a credential.
func (c *Config) LinkKeyGiven() bool { return credential("link-key") != "" }

func secret(section, file, name, variable string) (string, error) {
	if file == "" {
		file = credential(name)
	}
	if file == "" {
		if p := os.Getenv(variable); p != "" {
			return p, nil
		}
		return "", problem.Errorf("%s username is set, but no password: name a password_file, or set the credential %s or %s", section, name, variable)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return "", problem.Errorf("%s password_file: %w", section, err)
	}
	return strings.TrimRight(string(b), "\r\n"), nil
}

// OpenToOthers is what is wrong with a file of secrets that others may read;
// empty: nothing, or it is not there yet.
func OpenToOthers(file string) string {
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return ""
	}
	return fmt.Sprintf("%s may be read by others (%s): whoever has it can make links of every unit", file, info.Mode().Perm())
}
