package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"rota/solver"
)

// row is one line of a results table: what a run knew at its limit, or at an
// earlier mark of it.
type row struct {
	Family, Instance string
	Seed             uint64
	Limit            time.Duration // wall-clock limit or mark, 0: none
	WorkLimit        int64         // 0: none
	Workers          int
	Cost             int64 // -1: no roster
	Bound            int64
	First, Best      time.Duration // to the first and the last better roster
	Reach            time.Duration // to the gap asked about, -1: never
	Elapsed          time.Duration
	Work             int64
	Status           string
	Verified         string // yes, no, or - without a roster
	MiB              int    // memory the process had from the system when the run ended
}

// gap is (cost - bound) / max(cost, 1), 1 without a roster.
func (r row) gap() float64 {
	if r.Cost < 0 {
		return 1
	}
	return float64(r.Cost-r.Bound) / float64(max(r.Cost, 1))
}

// key says which run a row belongs to.
func (r row) key() string {
	return fmt.Sprint(r.Family, " ", r.Instance, " ", r.Seed, " ", r.Limit, " ", r.WorkLimit, " ", r.Workers)
}

var csvHeader = []string{"family", "instance", "seed", "limit_s", "work_limit", "workers", "cost", "bound", "gap",
	"first_s", "best_s", "reach_s", "elapsed_s", "work", "status", "verified", "mib"}

func seconds(d time.Duration) string {
	if d < 0 {
		return ""
	}
	return strconv.FormatFloat(d.Seconds(), 'f', 3, 64)
}

func (r row) csv() []string {
	cost := ""
	if r.Cost >= 0 {
		cost = strconv.FormatInt(r.Cost, 10)
	}
	return []string{r.Family, r.Instance, strconv.FormatUint(r.Seed, 10), seconds(r.Limit), strconv.FormatInt(r.WorkLimit, 10),
		strconv.Itoa(r.Workers), cost, strconv.FormatInt(r.Bound, 10), strconv.FormatFloat(r.gap(), 'f', 6, 64),
		seconds(r.First), seconds(r.Best), seconds(r.Reach), seconds(r.Elapsed), strconv.FormatInt(r.Work, 10), r.Status, r.Verified, strconv.Itoa(r.MiB)}
}

// readTable reads a table that --table wrote. A file that is not there is an
// empty table.
func readTable(path string) ([]row, error) {
	data, err := whole(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseTable(path, data)
}

func parseTable(path string, data []byte) ([]row, error) {
	ps := &problems{file: path}
	var rows []row
	dec := csv.NewReader(strings.NewReader(string(data)))
	dec.FieldsPerRecord = len(csvHeader)
	for {
		f, err := dec.Read()
		if errors.Is(err, io.EOF) {
			return rows, ps.err()
		}
		if err != nil {
			line := 0
			var pe *csv.ParseError
			if errors.As(err, &pe) {
				line, err = pe.Line, pe.Err
			}
			ps.addf(line, "%v", err)
			if line == 0 || !errors.Is(err, csv.ErrFieldCount) {
				return nil, ps.err()
			}
			continue
		}
		if slices.Equal(f, csvHeader) {
			continue
		}
		line, _ := dec.FieldPos(0)
		number := func(i int, empty int64) int64 {
			if f[i] == "" {
				return empty
			}
			n, err := strconv.ParseInt(f[i], 10, 64)
			if err != nil {
				ps.addf(line, "%s is %s, want a whole number", csvHeader[i], quote(f[i]))
			}
			return n
		}
		span := func(i int) time.Duration {
			if f[i] == "" {
				return -1
			}
			s, err := strconv.ParseFloat(f[i], 64)
			if err != nil || !(s >= 0 && s < 1e9) {
				ps.addf(line, "%s is %s, want seconds", csvHeader[i], quote(f[i]))
				return -1
			}
			return time.Duration(s*1000+0.5) * time.Millisecond
		}
		rows = append(rows, row{Family: f[0], Instance: f[1], Seed: uint64(number(2, 0)), Limit: span(3), WorkLimit: number(4, 0),
			Workers: int(number(5, 0)), Cost: number(6, -1), Bound: number(7, 0), First: span(9), Best: span(10), Reach: span(11),
			Elapsed: span(12), Work: number(13, 0), Status: f[14], Verified: f[15], MiB: int(number(16, 0))})
	}
}

// appendTable adds rows to a CSV file, with a header if the file is new.
func appendTable(path string, rows []row) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if at, err := f.Seek(0, io.SeekEnd); err == nil && at == 0 {
		w.Write(csvHeader) // the error stays in w
	}
	for _, r := range rows {
		w.Write(r.csv()) // the error stays in w
	}
	w.Flush()
	return errors.Join(w.Error(), f.Close())
}

// screen prints a table a row at a time.
type screen struct {
	w     io.Writer
	wide  int  // of the instance column
	seeds bool // several
	limit bool // several: marks
	reach float64
	begun bool
}

func (s *screen) columns(instance, seed, limit, cost, bound, gap, first, best, reach, status, verified string) {
	fmt.Fprintf(s.w, "%-*s", s.wide, instance)
	if s.seeds {
		fmt.Fprintf(s.w, " %6s", seed)
	}
	if s.limit {
		fmt.Fprintf(s.w, " %8s", limit)
	}
	fmt.Fprintf(s.w, " %9s %9s %8s %8s %8s", cost, bound, gap, first, best)
	if s.reach > 0 {
		fmt.Fprintf(s.w, " %8s", reach)
	}
	fmt.Fprintf(s.w, "  %-10s %s\n", status, verified)
}

func (s *screen) header() {
	if !s.begun {
		s.begun = true
		s.columns("instance", "seed", "at", "cost", "bound", "gap", "first", "best", "to "+percent(s.reach), "status", "verified")
	}
}

func percent(x float64) string { return strconv.FormatFloat(100*x, 'g', 3, 64) + "%" }

func (s *screen) row(r row, seed string) {
	s.header()
	short := func(d time.Duration) string {
		if d < 0 {
			return "-"
		}
		return strconv.FormatFloat(d.Seconds(), 'f', 2, 64)
	}
	cost, first, best, gap := "-", "-", "-", "-"
	if r.Cost >= 0 {
		cost, first, best = strconv.FormatInt(r.Cost, 10), short(r.First), short(r.Best)
		gap = strconv.FormatFloat(100*r.gap(), 'f', 2, 64) + "%"
	}
	limit := "-"
	if r.Limit > 0 {
		limit = r.Limit.String()
	}
	s.columns(r.Instance, seed, limit, cost, strconv.FormatInt(r.Bound, 10), gap, first, best, short(r.Reach), r.Status, r.Verified)
}

// median is the middle of an instance's rows by cost, one without a roster
// last, with the best bound of them all.
func median(rows []row) row {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b row) int {
		key := func(r row) uint64 { return uint64(r.Cost) } // -1 is the largest
		switch x, y := key(a), key(b); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	m := rows[(len(rows)-1)/2]
	for _, r := range rows {
		m.Bound = max(m.Bound, r.Bound)
		if r.Verified == "no" {
			m.Verified = "no"
		}
	}
	if m.Cost >= 0 && m.Bound >= m.Cost {
		m.Status = solver.Optimal.String()
	}
	return m
}
