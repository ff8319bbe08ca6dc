package engine

import (
	"encoding/json"

	"duban/ledger"
	"duban/rules"
)

// An adoption leaves every duty of a plan following its rule, and notes by which rules
// that was: so the next one looks at the duties of those obligations alone that differ
// from it, and not at all that a province has to see that they do not.

// factAdopted begins what an adoption notes of a plan.
const factAdopted = "adopted "

// adopted are the rules that the duties of a plan follow.
type adopted struct {
	Signature string            `json:"signature"` // of the plan, as the ledger has it then
	Rules     map[string]string `json:"rules"`     // their fingerprints, by obligation
}

// differing are the obligations of a plan that differ from what was adopted last, or are
// gone since. known is false where the ledger does not tell: it was adopted by a version
// that notes nothing, or all is to be looked at.
func (a *adoption) differing(p *rules.Plan, signature string) (differ []string, known bool, err error) {
	if signature == "" || a.recountsAll {
		return nil, false, nil
	}
	text, err := a.tx.Fact(a.tx.Context(), factAdopted+p.ID)
	if err != nil || text == "" {
		return nil, false, err
	}
	var was adopted
	if json.Unmarshal([]byte(text), &was) != nil || was.Signature != signature { // noted by another version, or adopted by an older one that runs beside this
		return nil, false, nil
	}
	for _, o := range p.Obligations {
		if was.Rules[o.ID] != o.Fingerprint() {
			differ = append(differ, o.ID)
		}
		delete(was.Rules, o.ID)
	}
	for id := range was.Rules {
		differ = append(differ, id)
	}
	return differ, true, nil
}

// noteAdopted notes that the duties of a plan follow its rules.
func noteAdopted(tx ledger.Tx, p *rules.Plan) error {
	is := adopted{p.Signature(), make(map[string]string, len(p.Obligations))}
	for _, o := range p.Obligations {
		is.Rules[o.ID] = o.Fingerprint()
	}
	text, err := json.Marshal(is)
	if err != nil {
		return err
	}
	return tx.SetFact(factAdopted+p.ID, string(text))
}
