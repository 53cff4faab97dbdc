package pricing

// The kernels of the search, over vectors of equal length. Each has a portable
// form here; a machine may have a faster one.

// relaxPortable lowers dst to src + c where that is lower.
func relaxPortable(dst, src []int32, c int32) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = min(dst[i], v+c)
	}
}

// shiftPortable sets dst to src + c.
func shiftPortable(dst, src []int32, c int32) {
	src = src[:len(dst)]
	for i, v := range src {
		dst[i] = v + c
	}
}

// wipe sets all of v to infinite.
func wipe(v []int32) {
	for i := range v {
		v[i] = infinite
	}
}

// raisePortable lifts v to floor where that is higher.
func raisePortable(v, floor []int32) {
	floor = floor[:len(v)]
	for i, w := range floor {
		v[i] = max(v[i], w)
	}
}
