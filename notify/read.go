package notify

import (
	"bytes"
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// ReadText is a composed mail's headers and text part, for people to read.
func ReadText(raw []byte) (string, error) {
	m, err := gomail.EMLToMsgFromReader(bytes.NewReader(raw))
	if err != nil {
		return "", fmt.Errorf("reading the mail: %w", err)
	}
	for _, p := range m.GetParts() {
		if p.GetContentType() == gomail.TypeTextPlain {
			text, err := p.GetContent()
			return strings.ReplaceAll(string(text), "\r\n", "\n"), err
		}
	}
	return "", fmt.Errorf("the mail has no text part")
}
