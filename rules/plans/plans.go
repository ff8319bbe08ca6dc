// Package plans holds the plans that are shipped, so that a lone binary runs them.
package plans

import "embed"

// Shipped are the folders of plans, by their names.
//
//go:embed zhongshan-2017
var Shipped embed.FS
