package calendar

import (
	"image/color"
	"strconv"
	"strings"

	"golang.org/x/image/colornames"
)

// colorName is the CSS3 name that COLOR allows for a colour given as such a name or as #rrggbb: then the nearest one,
// the first in alphabetical order among equals. It is empty for anything else.
func colorName(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, ok := colornames.Map[s]; ok {
		return s
	}
	if len(s) != 7 || s[0] != '#' {
		return ""
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return ""
	}
	want := color.RGBA{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n)}
	best, least := "", 1<<30
	for _, name := range colornames.Names {
		c := colornames.Map[name]
		r, g, b := int(c.R)-int(want.R), int(c.G)-int(want.G), int(c.B)-int(want.B)
		if d := r*r + g*g + b*b; d < least {
			best, least = name, d
		}
	}
	return best
}
