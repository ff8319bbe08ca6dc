package planfile

import (
	"path/filepath"

	"duban/rules"
	"duban/rules/problem"
	"duban/rules/toml"
)

// PlanFile is the file that says what a plan is as a whole. The error tells why it
// cannot be edited.
func PlanFile(p *rules.Plan) (string, error) {
	if p.Dir == "" {
		return "", problem.Errorf("the plan %s is part of the binary: copy it into a folder and name that in the configuration to edit it", p.ID)
	}
	return filepath.Join(p.Dir, "plan.toml"), nil
}

// SetDraft is a plan.toml that says, or no longer says, that the plan is a draft;
// no other line changes.
func SetDraft(data []byte, draft bool) ([]byte, error) {
	head := len(data)
	switch blocks, err := toml.Blocks(data); {
	case err != nil:
		return nil, err
	case len(blocks) > 0:
		head = blocks[0].Start
	}
	value := ""
	if draft {
		value = "true"
	}
	// A new key comes after the last one; what follows keeps its distance.
	text, err := toml.SetKeys(string(data[:head]), toml.Change{Key: "draft", Value: value})
	return append([]byte(text), data[head:]...), err
}
