package views

import (
	"fmt"

	"duban/rules"
)

// Plan is one issued document.
type Plan struct {
	ID              string  `json:"id"`
	Title           string  `json:"title"`
	Issued          *string `json:"issued" format:"date" doc:"The day it was issued"`
	Issuer          string  `json:"issuer" doc:"A unit's id"`
	Timezone        string  `json:"timezone" doc:"In which its deadlines are counted"`
	CloseOfBusiness string  `json:"close_of_business" doc:"When a due day ends, as 17:30"`
	Review          bool    `json:"review" doc:"Whether the supervisor accepts a report before it closes"`
	Draft           bool    `json:"draft" doc:"Whether it makes no duty and no mail yet"`
	Starts          *string `json:"starts" format:"date"`
	Ends            *string `json:"ends" format:"date"`
	Obligations     int     `json:"obligations" doc:"How many it has"`
}

// NewPlan is how a plan is shown.
func NewPlan(p *rules.Plan) Plan {
	return Plan{
		ID: p.ID, Title: p.Title, Issued: Date(p.Issued), Issuer: p.Issuer, Timezone: p.Timezone.String(),
		CloseOfBusiness: fmt.Sprintf("%02d:%02d", p.CloseOfBusiness/60, p.CloseOfBusiness%60),
		Review:          p.Review, Draft: p.Draft, Starts: Date(p.Starts), Ends: Date(p.Ends), Obligations: len(p.Obligations),
	}
}
