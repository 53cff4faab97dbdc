package teamfile

import (
	"fmt"

	"rota/schedule"
)

// historyFields are the columns of a table of history: hours of each kind of burden.
var historyFields = []field[schedule.LedgerEntry]{
	key("agent", text[schedule.AgentID](), func(e *schedule.LedgerEntry) *schedule.AgentID { return &e.Agent }).needed(),
	key("from", date, func(e *schedule.LedgerEntry) *schedule.Date { return &e.First }).needed(),
	key("to", date, func(e *schedule.LedgerEntry) *schedule.Date { return &e.Last }).needed(),
	key("night_hours", hours, func(e *schedule.LedgerEntry) *schedule.Minutes { return &e.Done.Night }),
	key("weekend_hours", hours, func(e *schedule.LedgerEntry) *schedule.Minutes { return &e.Done.Weekend }),
	key("holiday_hours", hours, func(e *schedule.LedgerEntry) *schedule.Minutes { return &e.Done.Holiday }),
	key("short_notice_hours", hours, func(e *schedule.LedgerEntry) *schedule.Minutes { return &e.Done.ShortNotice }),
	key("note", text[string](), func(e *schedule.LedgerEntry) *string { return &e.Note }),
}

// ReadHistoryCSV reads what people did before the team was planned with rota, for the ledger: a table like that of
// [ReadAgentsCSV] with the columns agent, from, to and any of night_hours, weekend_hours, holiday_hours,
// short_notice_hours and note. Agents of base who have a row for other people's days but did nothing still need one, with
// hours of 0. The fair parts are those of [schedule.ShareHistory]. The error is a [Problems] with everything that is wrong.
func ReadHistoryCSV(name string, data []byte, base schedule.Book) ([]schedule.LedgerEntry, error) {
	r := newReader(name)
	rows := r.table(data, "history", 5000, names(historyFields), []string{"agent", "from", "to"})
	known := map[schedule.AgentID]bool{}
	var ids []string
	for _, a := range base.Agents {
		known[a.ID] = true
		ids = append(ids, string(a.ID))
	}
	type key struct {
		agent       schedule.AgentID
		first, last schedule.Date
	}
	seen := map[key]int{}
	var entries []schedule.LedgerEntry
	for i, row := range rows {
		var e schedule.LedgerEntry
		if !readFields(r, row.node, entryPath("history", i), "column", historyFields, &e, nil) {
			continue
		}
		at := row.node.get("agent")
		if at == nil {
			continue
		}
		if !known[e.Agent] {
			near := r.nearest(string(e.Agent), ids)
			r.report(at.line, at.column, (&schedule.UnknownError{Noun: "agent", Word: string(e.Agent), Nearest: near}).Error(), "")
		}
		if to := row.node.get("to"); e.Last.Before(e.First) && to != nil {
			r.report(to.line, to.column, fmt.Sprintf("%s is before %s, the first day", e.Last, e.First), "")
		}
		k := key{e.Agent, e.First, e.Last}
		if line, twice := seen[k]; twice {
			r.report(at.line, at.column, fmt.Sprintf("the same agent and days are on line %d", line), "")
		}
		seen[k] = at.line
		e.Team = base.Team.ID
		entries = append(entries, e)
	}
	if err := r.found.ordered().Err(); err != nil {
		return nil, err
	}
	return schedule.ShareHistory(base, entries), nil
}
