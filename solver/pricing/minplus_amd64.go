//go:build amd64 && !purego

package pricing

import "golang.org/x/sys/cpu"

// fast says whether the assembly may run here. Tests switch it off to hold the
// two forms against each other.
var fast = cpu.X86.HasAVX2

//go:noescape
func relaxAVX2(dst, src *int32, n int, c int32)

//go:noescape
func shiftAVX2(dst, src *int32, n int, c int32)

func relax(dst, src []int32, c int32) {
	if len(dst) >= 8 && fast {
		_ = src[len(dst)-1]
		relaxAVX2(&dst[0], &src[0], len(dst), c)
		return
	}
	relaxPortable(dst, src, c)
}

func shift(dst, src []int32, c int32) {
	if len(dst) >= 8 && fast {
		_ = src[len(dst)-1]
		shiftAVX2(&dst[0], &src[0], len(dst), c)
		return
	}
	shiftPortable(dst, src, c)
}

//go:noescape
func raiseAVX2(v, floor *int32, n int)

func raise(v, floor []int32) {
	if len(v) >= 8 && fast {
		_ = floor[len(v)-1]
		raiseAVX2(&v[0], &floor[0], len(v))
		return
	}
	raisePortable(v, floor)
}
