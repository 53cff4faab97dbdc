#!/bin/sh
# Reads rota's feeds with calendars that other people wrote: khal through vdirsyncer over HTTP, python3-icalendar, libical
# with its restriction check, ical.js and node-ical. Installs what is missing, from Debian and npm.
# Usage: calendar/interop/run.sh   (from anywhere; INTEROP_DIR names a folder to keep the readers in)
set -eu
cd "$(dirname "$0")/../.."
cannot() { echo "interop: cannot run: $*" >&2; exit 1; }

packages=""
command -v khal >/dev/null || packages="$packages khal"
command -v vdirsyncer >/dev/null || packages="$packages vdirsyncer"
/usr/bin/python3 -c 'import icalendar' 2>/dev/null || packages="$packages python3-icalendar"
[ -e /usr/include/libical/ical.h ] || packages="$packages libical-dev"
command -v cc >/dev/null || packages="$packages gcc libc6-dev"
command -v node >/dev/null && command -v npm >/dev/null || packages="$packages nodejs npm"
if [ -n "$packages" ]; then
	command -v apt-get >/dev/null || cannot "missing:$packages, and this is no Debian"
	sudo=""
	if [ "$(id -u)" != 0 ]; then
		sudo="sudo -n"
		$sudo true 2>/dev/null || cannot "missing:$packages; run as root: apt-get install$packages"
	fi
	# shellcheck disable=SC2086 # words are meant
	{ $sudo apt-get -q update && $sudo apt-get install -q -y --no-install-recommends $packages; } >&2 ||
		cannot "apt-get could not install$packages"
fi

dir=${INTEROP_DIR:-$(mktemp -d)}
[ -n "${INTEROP_DIR:-}" ] || trap 'rm -rf "$dir"' EXIT
mkdir -p "$dir"
here=$PWD/calendar/interop
if ! [ -d "$dir/node_modules/node-ical" ]; then
	(cd "$dir" && npm install --no-audit --no-fund --silent ical.js@2.2.1 node-ical@0.27.2) >&2 || cannot "npm could not install ical.js and node-ical"
fi
cp "$here"/*.mjs "$dir"/
cc -O1 -Wall -o "$dir/restriction" "$here/restriction.c" -lical || cannot "the check with libical does not compile"
INTEROP_DIR=$dir go test -count=1 -timeout 60m -tags interop -run TestInterop -v ./calendar
# The same with the real command and its database: solved, published, swapped, cancelled, rolled back, served.
go build -o "$dir/rota" ./cmd/rota
/usr/bin/python3 "$here/real.py" "$dir/rota" testdata/teams/harbor.yaml "$dir"
