#!/bin/sh
# The whole job, end to end, on a team file: rota binary and team file are the arguments. Nothing outside the folder that
# it makes is written and nothing is sent.
set -eu
bin=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
file=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
dir=$(mktemp -d "${TMPDIR:-/tmp}/rota-demo.XXXXXX")
cd "$dir"
export ROTA_DB="$dir/rota.db"
unset ROTA_TEAM
# The demo is always played on the same Monday, so that reminders and calendars are about days to come.
export ROTA_NOW=2026-11-23T09:00:00Z

say() { printf '\n$ rota %s\n' "$*"; }
rota() { say "$@"; "$bin" "$@"; }

echo "Everything of this demo is in $dir; the present is taken to be $ROTA_NOW."
rota init
say apply -f "$(basename "$file")"
"$bin" apply -f "$file" | tail -n 1
rota solve --from 2026-12-07 --weeks 4 --time-limit 8s
rota show
rota check
rota publish
rota calendar export --out calendars
rota notify plan --at 2026-12-09T11:25:00Z --hours 0.7 --text

slot=$("$bin" show --agent pablo -o csv | sed -n 2p | cut -d, -f1)
cat <<END

The database, the calendars and everything else is in $dir. Try next:

  export ROTA_DB=$ROTA_DB PATH=$(dirname "$bin"):\$PATH
  rota why --agent pablo --slot $slot      why Pablo works then, and what it would cost if not
  rota candidates --slot $slot             who else could take it, and at what price
  rota callout --agent pablo --slot $slot  Pablo is ill: ways to repair the roster, best first
END
