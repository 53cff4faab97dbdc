//go:build !amd64 || purego

package pricing

var fast = false

func relax(dst, src []int32, c int32) { relaxPortable(dst, src, c) }
func shift(dst, src []int32, c int32) { shiftPortable(dst, src, c) }
func raise(v, floor []int32)          { raisePortable(v, floor) }
