//go:build race

package series

const raced = true
