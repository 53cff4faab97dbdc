// Package solver finds cheap rosters and proves how cheap a roster can be.
package solver
