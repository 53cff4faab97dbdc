package pricing

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"rota/solver/gen"
)

// sizes describes the graphs of a set in one line each, for benchmarks and
// profiles.
func sizes(s *Set) []string {
	seen := map[*graph]int{}
	var order []*graph
	for i := range s.people {
		if seen[s.people[i].g] == 0 {
			order = append(order, s.people[i].g)
		}
		seen[s.people[i].g]++
	}
	var lines []string
	for _, g := range order {
		nodes, arcs := 0, 0
		for _, L := range g.layers {
			nodes += L.nodes
			arcs += len(L.arcs)
		}
		line := fmt.Sprintf("%d people: %d layers, %d nodes, %d arcs, %d steps, dims", seen[g], len(g.layers)-1, nodes, arcs, len(g.steps))
		for _, d := range g.dims {
			line += fmt.Sprintf(" %d", d.levels)
		}
		lines = append(lines, line)
	}
	return append(lines, fmt.Sprintf("%d relaxed, scale %d, max price %d", len(s.Relaxed), s.Scale, s.MaxPrice))
}

func benchmarkBest(b *testing.B, people, weeks, window int) {
	m := gen.Team(people, weeks, 1)
	s, err := Compile(m, 2)
	if err != nil {
		b.Fatal(err)
	}
	for _, l := range sizes(s) {
		b.Log(l)
	}
	sp := s.NewSpace()
	rng := rand.New(rand.NewPCG(3, 4))
	price := make([]int32, s.NCells)
	for i := range price {
		price[i] = int32(s.Scale) * (rng.Int32N(400) - 300)
	}
	rows := make([][]uint8, people)
	for p := range rows {
		rows[p] = sp.history(p)
		sp.Best(p, m.First, len(m.Days), rows[p], price, rows[p][m.First:])
	}
	out := make([]uint8, len(m.Days))
	for i := 0; b.Loop(); i++ {
		p := i % people
		from := m.First
		if window > 0 {
			from += rng.IntN(len(m.Days) - m.First - window)
		}
		to := len(m.Days)
		if window > 0 {
			to = from + window
		}
		sp.Best(p, from, to, rows[p], price, out)
	}
	b.ReportMetric(float64(sp.Work)/float64(b.N), "cells/op")
}

func BenchmarkBestTeam4Weeks(b *testing.B)  { benchmarkBest(b, 20, 4, 0) }
func BenchmarkBestTeam8Weeks(b *testing.B)  { benchmarkBest(b, 20, 8, 0) }
func BenchmarkBestTeamWindow7(b *testing.B) { benchmarkBest(b, 20, 4, 7) }
func BenchmarkBestTeamWindow14(b *testing.B) {
	benchmarkBest(b, 20, 4, 14)
}

func BenchmarkCompileTeam(b *testing.B) {
	m := gen.Team(100, 8, 1)
	for b.Loop() {
		if _, err := Compile(m, 2); err != nil {
			b.Fatal(err)
		}
	}
}
