package main

import (
	"bytes"

	"github.com/mdp/qrterminal/v3"
)

// sayQR draws a word as a code that a phone's camera reads. With colour it is black on white whatever the terminal's
// colours are; without it relies on light text on a dark ground.
func (a *app) sayQR(word string) {
	var b bytes.Buffer
	c := qrterminal.Config{Level: qrterminal.L, Writer: &b, HalfBlocks: true, QuietZone: 2,
		WhiteChar: "█", WhiteBlackChar: "▀", BlackWhiteChar: "▄", BlackChar: " "}
	if a.look.colour {
		for _, char := range []*string{&c.WhiteChar, &c.WhiteBlackChar, &c.BlackWhiteChar, &c.BlackChar} {
			*char = "\x1b[97;40m" + *char + "\x1b[0m"
		}
	}
	qrterminal.GenerateWithConfig(word, c)
	a.say("%s", bytes.TrimRight(b.Bytes(), "\n"))
}
