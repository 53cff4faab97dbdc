//go:build amd64 && !purego

#include "textflag.h"

// Both loops take eight entries at a time and end with the last eight, which
// may overlap those before: adding to src and taking the lower is idempotent.
// n is at least 8; dst and src do not overlap.

// func relaxAVX2(dst, src *int32, n int, c int32)
TEXT ·relaxAVX2(SB), NOSPLIT, $0-28
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	MOVQ         n+16(FP), CX
	MOVL         c+24(FP), AX
	VMOVD        AX, X0
	VPBROADCASTD X0, Y0
	LEAQ         -32(SI)(CX*4), R8
	LEAQ         -32(DI)(CX*4), R9

relax8:
	VPADDD  (SI), Y0, Y1
	VPMINSD (DI), Y1, Y1
	VMOVDQU Y1, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	CMPQ    SI, R8
	JLT     relax8
	VPADDD  (R8), Y0, Y1
	VPMINSD (R9), Y1, Y1
	VMOVDQU Y1, (R9)
	VZEROUPPER
	RET

// func shiftAVX2(dst, src *int32, n int, c int32)
TEXT ·shiftAVX2(SB), NOSPLIT, $0-28
	MOVQ         dst+0(FP), DI
	MOVQ         src+8(FP), SI
	MOVQ         n+16(FP), CX
	MOVL         c+24(FP), AX
	VMOVD        AX, X0
	VPBROADCASTD X0, Y0
	LEAQ         -32(SI)(CX*4), R8
	LEAQ         -32(DI)(CX*4), R9

shift8:
	VPADDD  (SI), Y0, Y1
	VMOVDQU Y1, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	CMPQ    SI, R8
	JLT     shift8
	VPADDD  (R8), Y0, Y1
	VMOVDQU Y1, (R9)
	VZEROUPPER
	RET

// func raiseAVX2(v, floor *int32, n int)
TEXT ·raiseAVX2(SB), NOSPLIT, $0-24
	MOVQ v+0(FP), DI
	MOVQ floor+8(FP), SI
	MOVQ n+16(FP), CX
	LEAQ -32(SI)(CX*4), R8
	LEAQ -32(DI)(CX*4), R9

raise8:
	CMPQ    SI, R8
	JGE     raised
	VMOVDQU (SI), Y1
	VPMAXSD (DI), Y1, Y1
	VMOVDQU Y1, (DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	JMP     raise8

raised:
	VMOVDQU (R8), Y1
	VPMAXSD (R9), Y1, Y1
	VMOVDQU Y1, (R9)
	VZEROUPPER
	RET
