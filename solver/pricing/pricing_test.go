package pricing

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"rota/solver/gen"
	"rota/solver/model"
)

// rows calls f with every way to fill days [from, to) of row with allowed
// duties, and with whether the whole row keeps the hard rules and what it costs.
func rows(m *model.Model, p, from, to int, row []uint8, f func(model.Cost, bool)) {
	if from == to {
		c, broken := model.CheckPerson(m, p, row)
		f(c, len(broken) == 0)
		return
	}
	was := row[from]
	for i, c := range m.People[p].Cost[from] {
		if c != model.Forbidden {
			row[from] = uint8(i)
			rows(m, p, from+1, to, row, f)
		}
	}
	row[from] = was
}

// TestBestIsExact holds Best, Own and Marginals against every roster of small
// models with every kind of rule, over whole horizons and over windows, in some
// of which cells are closed.
func TestBestIsExact(t *testing.T) {
	seeds := uint64(1200)
	if testing.Short() {
		seeds = 300
	}
	legal, windows := 0, 0
	for seed := range seeds {
		m := gen.Person(seed)
		first, last := m.First, len(m.Days)
		row := model.NewRoster(m)[0]
		any := false
		rows(m, 0, first, last, row, func(_ model.Cost, ok bool) { any = any || ok })
		s, err := Compile(m, 1)
		var impossible *Impossible
		if errors.As(err, &impossible) {
			if any {
				t.Fatalf("seed %d: %v, but there is one", seed, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if !any {
			t.Fatalf("seed %d: compiled, but no roster is legal", seed)
		}
		if len(s.Relaxed) > 0 {
			t.Fatalf("seed %d: a tiny model was relaxed", seed)
		}
		legal++
		rng := rand.New(rand.NewPCG(seed, 1))
		price := make([]int32, s.NCells)
		for i := range price {
			if price[i] = rng.Int32N(2000) - 1000; seed%3 == 0 && rng.IntN(6) == 0 {
				price[i] = Closed
			}
		}
		sp := s.NewSpace()
		value := func(row []uint8, from, to int) int64 {
			c, _ := model.CheckPerson(m, 0, row)
			v := int64(c) * s.Scale
			for d := from; d < to; d++ {
				cell := s.CellOf[d] + int32(row[d])
				if price[cell] == Closed {
					return math.MaxInt64
				}
				v += int64(price[cell])
			}
			return v
		}
		out := make([]uint8, last)
		try := func(from, to int) {
			windows++
			want := int64(math.MaxInt64)
			rows(m, 0, from, to, row, func(_ model.Cost, ok bool) {
				if ok {
					want = min(want, value(row, from, to))
				}
			})
			got, ok := sp.Best(0, from, to, row, price, out)
			if ok != (want < math.MaxInt64) || ok && got != want {
				t.Fatalf("seed %d [%d,%d) of %v: %d %v, want %d", seed, from, to, row, got, ok, want)
			}
			if !ok {
				return
			}
			full := append([]uint8(nil), row...)
			copy(full[from:to], out)
			own, ok := sp.Own(0, full)
			c, broken := model.CheckPerson(m, 0, full)
			if !ok || len(broken) > 0 || own != c || value(full, from, to) != want {
				t.Fatalf("seed %d [%d,%d): Best gave %v: own %d %v, check %d %v, value %d, want %d",
					seed, from, to, full, own, ok, c, broken, value(full, from, to), want)
			}
			copy(row, full)
		}
		try(first, last)
		for range 4 {
			from := first + rng.IntN(last-first)
			try(from, from+1+rng.IntN(last-from))
		}
		rows(m, 0, first, last, row, func(c model.Cost, ok bool) {
			if rng.IntN(20) > 0 {
				return
			}
			if own, good := sp.Own(0, row); good != ok || ok && own != c {
				t.Fatalf("seed %d %v: Own %d %v, Check %d %v", seed, row, own, good, c, ok)
			}
		})
		if seed%4 == 0 {
			want := make([]int64, s.NCells)
			for i := range want {
				want[i] = math.MaxInt64
			}
			rows(m, 0, first, last, row, func(_ model.Cost, ok bool) {
				if ok {
					v := value(row, first, last)
					for d := first; d < last; d++ {
						c := s.CellOf[d] + int32(row[d])
						want[c] = min(want[c], v)
					}
				}
			})
			got := make([]int64, s.NCells)
			sp.Marginals(0, price, got)
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("seed %d cell %d: marginal %d, want %d", seed, i, got[i], want[i])
				}
			}
		}
	}
	if legal < int(seeds)/4 {
		t.Fatalf("only %d of %d models have a roster: the test sees too little", legal, seeds)
	}
	t.Logf("%d models, %d windows", legal, windows)
}

// TestKernels holds the fast forms against the portable ones at all lengths and
// offsets.
func TestKernels(t *testing.T) {
	if !fast {
		t.Skip("this machine runs the portable form anyway")
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for n := range 70 {
		src, a := make([]int32, n), make([]int32, n)
		for i := range src {
			src[i], a[i] = rng.Int32N(1000), rng.Int32N(1000)
		}
		b := append([]int32(nil), a...)
		relax(a, src, -7)
		relaxPortable(b, src, -7)
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("relax %d: %v, want %v", n, a, b)
			}
		}
		shift(a, src, 9)
		shiftPortable(b, src, 9)
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("shift %d: %v, want %v", n, a, b)
			}
		}
		raise(a, src)
		raisePortable(b, src)
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("raise %d: %v, want %v", n, a, b)
			}
		}
	}
}

// TestPortable runs the search on the portable kernels.
func TestPortable(t *testing.T) {
	if !fast {
		t.Skip("this machine runs the portable form anyway")
	}
	fast = false
	defer func() { fast = true }()
	m := gen.Team(6, 3, 1)
	s, err := Compile(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	sp := s.NewSpace()
	out := make([]uint8, len(m.Days))
	price := make([]int32, s.NCells)
	rng := rand.New(rand.NewPCG(3, 4))
	for range 3 {
		for i := range price {
			price[i] = rng.Int32N(20000) - 10000
		}
		for p := range m.People {
			fast = false
			slow, _ := sp.Best(p, m.First, len(m.Days), sp.history(p), price, out)
			fast = true
			if v, _ := sp.Best(p, m.First, len(m.Days), sp.history(p), price, out); v != slow {
				t.Fatalf("person %d: %d fast, %d portable", p, v, slow)
			}
		}
	}
}

// TestOwnLeftOut says that Own charges a soft counter once, also one that a
// search over the whole horizon has no room for.
func TestOwnLeftOut(t *testing.T) {
	const days = 280
	rng := rand.New(rand.NewPCG(5, 6))
	m := &model.Model{Days: make([]model.Day, days), Measures: make([]model.Measure, 3)}
	person := model.Person{Cost: make([][]model.Cost, days)}
	for d := range days {
		m.Days[d].Duties = make([]model.Duty, 4)
		person.Cost[d] = make([]model.Cost, 4)
		for k := range m.Measures {
			m.Measures[k].Of = append(m.Measures[k].Of, []int32{0, 1 + rng.Int32N(9), 1 + rng.Int32N(9), 1 + rng.Int32N(9)})
		}
	}
	for k := range m.Measures {
		b := model.Bound{Min: model.NoMin, Max: model.NoMax, Hinges: []model.Hinge{{At: 500, Below: 1, Above: 2}}}
		person.Counters = append(person.Counters, model.Counter{Of: model.MeasureID(k), To: days, Bound: b})
	}
	m.People = []model.Person{person}
	if err := model.Validate(m); err != nil {
		t.Fatal(err)
	}
	s, err := Compile(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Relaxed) == 0 {
		t.Fatal("the grid holds all counters: the test needs a larger model")
	}
	sp := s.NewSpace()
	for range 20 {
		row := make([]uint8, days)
		for d := range row {
			row[d] = uint8(rng.IntN(4))
		}
		own, ok := sp.Own(0, row)
		if want, _ := model.CheckPerson(m, 0, row); !ok || own != want {
			t.Fatalf("Own %d %v, Check %d", own, ok, want)
		}
	}
}

// TestSpaceAgain holds a Space that has priced everybody, on many windows, against
// new ones: nothing that it keeps from one search may show in another.
func TestSpaceAgain(t *testing.T) {
	fenced, none := 0, 0
	for seed := range uint64(3) {
		m := gen.Team(8, 2, seed)
		rng := rand.New(rand.NewPCG(seed, 2))
		for p := range m.People { // so much of each kind of duty, and less has a price
			who := &m.People[p]
			for _, of := range []string{"night", "on weekend", "on sunday", "points"} {
				k := slices.IndexFunc(m.Measures, func(x model.Measure) bool { return x.Name == of })
				most := int64(2 + rng.IntN(4))
				who.Counters = append(who.Counters, model.Counter{
					Name: of, Of: model.MeasureID(k), From: m.First, To: len(m.Days),
					Bound: model.Bound{Min: model.NoMin, Max: most, Hinges: []model.Hinge{{At: most - 1, Below: 3}}},
				})
			}
		}
		s, err := Compile(m, 1)
		if err != nil {
			t.Fatal(err)
		}
		price := make([]int32, s.NCells)
		old, row := s.NewSpace(), model.NewRoster(m)
		days := len(m.Days) - m.First
		for n := range 40 {
			for i := range price {
				if price[i] = int32(s.Scale) * (rng.Int32N(300) - 250); n%2 == 0 && rng.IntN(8) == 0 {
					price[i] = Closed
				}
			}
			p, long := rng.IntN(len(m.People)), 1+rng.IntN(days)
			from := m.First + rng.IntN(days-long+1)
			if n < len(m.People) {
				p, from, long = n, m.First, days
			}
			a, b := make([]uint8, long), make([]uint8, long)
			got, ok := old.Best(p, from, from+long, row[p], price, a)
			want, is := s.NewSpace().Best(p, from, from+long, row[p], price, b)
			if ok != is || ok && (got != want || !slices.Equal(a, b)) {
				t.Fatalf("seed %d, search %d: %d %v %v, a new space %d %v %v", seed, n, got, ok, a, want, is, b)
			}
			if ok {
				copy(row[p][from:], a)
			} else {
				none++
			}
		}
		fenced += len(old.masks)
	}
	if fenced < 12 || none == 0 {
		t.Errorf("%d masks are kept, and %d searches found nothing", fenced, none)
	}
}

// TestMasks holds masks against the limits that they are of, of grids of several
// sizes, in turn and again.
func TestMasks(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	sp := &Space{}
	again := 0
	for n := range 400 {
		a, b := int32(2+rng.IntN(4)), int32(2+rng.IntN(4))
		limits := []limit{{a * b, int32(1+rng.IntN(int(a)-1)) * b}}
		if rng.IntN(2) == 0 {
			limits = append(limits, limit{b, int32(1 + rng.IntN(int(b)-1))})
		}
		if sp.size = int(a*b) * (1 + rng.IntN(50)); n%100 == 0 {
			sp.size = int(a*b) * (mostMasked / 10)
		}
		kept := len(sp.masks)
		sp.mask = sp.maskOf(limits)
		if len(sp.masks) == kept {
			again++
		}
		for i := range sp.size {
			want := int32(math.MinInt32)
			for _, l := range limits {
				if int32(i)%l.period >= l.from {
					want = infinite
				}
			}
			if sp.mask[i] != want {
				t.Fatalf("mask %d of %v, size %d: cell %d is %d", n, limits, sp.size, i, sp.mask[i])
			}
		}
		sum := 0
		for _, m := range sp.masks {
			sum += max(len(m.cells), leastMasked)
		}
		if sum != sp.masked || sum > mostMasked && len(sp.masks) > 1 {
			t.Fatalf("%d masks of %d cells, counted as %d", len(sp.masks), sum, sp.masked)
		}
		if was := &sp.mask[0]; was != &sp.maskOf(limits)[0] {
			t.Fatal("the same mask was made twice")
		}
	}
	if again < 50 {
		t.Errorf("only %d masks served again", again)
	}
}
