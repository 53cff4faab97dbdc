package schedule

import "slices"

// pitman is two weeks of 12-hour shifts that every other weekend leaves free from Friday to Sunday.
const pitman = "DD--DDD--DD---"

// builtIn are the rotations in common use: D day or early, S late, N night. The names are used loosely in the trade,
// so show the string beside the name. Each string gives, with four crews at its offsets, exactly one crew on every
// shift every day, 42 hours a week.
var builtIn = []Pattern{
	{ID: "pitman-days", Name: "Pitman, fixed 12 h days", Days: pitman, Step: 7,
		Note: "two crews; two more do the same with pitman-nights"},
	{ID: "pitman-nights", Name: "Pitman, fixed 12 h nights", Days: "NN--NNN--NN---", Step: 7,
		Note: "two crews; two more do the same with pitman-days"},
	{ID: "panama", Name: "Panama, slow 2-2-3 of 12 h", Offsets: []int{0, 7, 28, 35},
		Days: pitman + pitman + "NN--NNN--NN---" + "NN--NNN--NN---"},
	{ID: "2-2-3", Name: "2-2-3 alternating, 12 h", Days: "DD--DDD--DD---NN--NNN--NN---", Step: 7},
	{ID: "dupont", Name: "DuPont, 12 h", Days: "NNNN---DDD-NNN---DDDD-------", Step: 7},
	{ID: "continental", Name: "Continental, 8 h", Days: "DDSSNNN--DDSSSNN--DDDSSNN---", Step: 7},
	{ID: "metropolitan", Name: "Metropolitan, 8 h, fast forward", Days: "DDSSNN--", Step: 2},
	{ID: "slow-6-2", Name: "Slow forward 6-2, 8 h", Days: "DDDDDD--SSSSSS--NNNNNN--", Step: 6},
	{ID: "southern-swing", Name: "Southern swing, 8 h", Days: "DDDDDDD--SSSSSSS--NNNNNNN---", Step: 7},
	{ID: "fast-12", Name: "Fast 12 h", Days: "DDNN----", Step: 2},
	{ID: "4-on-4-off", Name: "4 on 4 off, 12 h", Days: "DDDD----NNNN----", Step: 4},
}

// BuiltInPatterns lists the rotations that every team knows. The slices within are shared and not to be changed.
func BuiltInPatterns() []Pattern { return slices.Clone(builtIn) }

// FindPattern is the pattern of that id among the team's own, or else the built-in one.
func FindPattern(own []Pattern, id PatternID) (Pattern, bool) {
	for _, p := range append(slices.Clone(own), builtIn...) {
		if p.ID == id {
			return p, true
		}
	}
	return Pattern{}, false
}
