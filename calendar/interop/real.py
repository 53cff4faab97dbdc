"""Lets independent calendars read feeds of a real database over HTTP and compares every event with the database.

Usage: real.py ROTA TEAM_FILE READERS_DIR. Everything is made with rota's own commands: a four-week roster and rosters
across both changes of the clocks, each published, swapped, cancelled by hand, published again and rolled back.
"""
import calendar
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

rota, team_file, readers_dir = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
here = pathlib.Path(__file__).resolve().parent
READERS = {
    "python3-icalendar": ["/usr/bin/python3", here / "read_icalendar.py"],
    "libical with icalrestriction_check": [readers_dir / "restriction"],
    "ical.js": ["node", readers_dir / "icaljs.mjs"],
    "node-ical": ["node", readers_dir / "nodeical.mjs"],
}
PERIODS = ["2026-12-07", "2026-10-12", "2027-03-08"]
AGENTS = ["ani", "maya", "pablo"]


def sh(command, env=None, ok=(0,)):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, env=env, input="y\n" * 10)
    if done.returncode not in ok:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


class Case:
    def __init__(self, home, first):
        self.home, self.first, self.events, self.steps = home, first, 0, 0
        self.day = time.strptime(first, "%Y-%m-%d")
        self.before = time.strftime("%Y-%m-%d", time.gmtime(calendar.timegm(self.day) - 3 * 86400))
        self.hour = 2
        self.env = {**os.environ, "ROTA_DB": str(home / "rota.db"), "ROTA_USER": "interop", "HOME": str(home), "LC_ALL": "C.UTF-8",
                    "XDG_DATA_HOME": str(home), "XDG_CACHE_HOME": str(home)}
        self.rota("init")
        self.rota("apply", "-f", team_file)

    def rota(self, *args, ok=(0,)):
        """Runs a command an hour after the last, so that every change has an instant of its own."""
        self.hour += 1
        self.env["ROTA_NOW"] = time.strftime("%Y-%m-%dT", self.day) + f"{self.hour % 24:02}:00:00Z"
        if self.hour >= 23:
            sys.exit("too many steps for one day")
        return sh([rota, *args], self.env, ok)

    def expected(self, agent):
        """What the database says, read with nothing of rota's."""
        base = sqlite3.connect(f"file:{self.home}/rota.db?mode=ro", uri=True)
        rows = base.execute("SELECT uid, starts, ends, sequence, cancelled FROM calendar_events WHERE ? IN ('', agent)", [agent]).fetchall()
        base.close()
        when = lambda t: time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(t))
        return sorted(f"{u} {when(s)} {when(e)} {n} {'CANCELLED' if c else 'CONFIRMED'}" for u, s, e, n, c in rows)

    def same(self, what, got, want):
        if got != want:
            shown = sorted(set(want) ^ set(got))[:8]
            sys.exit(f"{self.first}: {what}: {len(got)} events, not the {len(want)} of the database, or in part others:\n" + "\n".join(shown))
        self.events += len(want)

    def serve(self):
        self.paths = {"team": ("", json.loads(self.rota("calendar", "link", "team", "--json"))["path"])}
        for agent in AGENTS:
            self.paths[agent] = (agent, json.loads(self.rota("calendar", "link", f"personal:{agent}", "--json"))["path"])
        log = open(self.home / "serve.log", "w")
        self.server = subprocess.Popen([rota, "serve", "--listen", "127.0.0.1:0", "--poll", "50ms", "--flush", "100ms"], env=self.env,
                                       stdout=subprocess.PIPE, stderr=log, text=True)
        self.base = self.server.stdout.readline().split()[-1]
        config = [f'[general]\nstatus_path = "{self.home}/status"\n']
        for name, (_, path) in self.paths.items():
            (self.home / name).mkdir()
            config.append(f'[pair {name}]\na = "{name}_feed"\nb = "{name}_copy"\ncollections = null\nconflict_resolution = "a wins"\n'
                          f'[storage {name}_feed]\ntype = "http"\nurl = "{self.base}{path}"\n'
                          f'[storage {name}_copy]\ntype = "filesystem"\npath = "{self.home}/{name}"\nfileext = ".ics"\n')
        (self.home / "vdirsyncer.conf").write_text("".join(config))
        folders = "".join(f"[[{name}]]\npath = {self.home}/{name}\n" for name in self.paths)
        (self.home / "khal.conf").write_text(
            f"[calendars]\n{folders}[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\n"
            "longdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
            f"[sqlite]\npath = {self.home}/khal.db\n")
        self.vdirsyncer("discover")

    def vdirsyncer(self, command):
        sh(["/usr/bin/python3", here / "vdirsyncer_uids.py", "-c", self.home / "vdirsyncer.conf", "-v", "ERROR", command], self.env)

    def step(self, what):
        """Every reader sees what the database says, a moment after it was published."""
        self.steps += 1
        time.sleep(0.4)
        self.vdirsyncer("sync")
        for name, (agent, path) in self.paths.items():
            want = self.expected(agent)
            feed = self.home / f"{name}.feed.ics"
            with urllib.request.urlopen(self.base + path) as answer:
                feed.write_bytes(answer.read())
            for reader, command in READERS.items():
                self.same(f"{what}: {reader} on {name}", sorted(sh([*command, feed]).splitlines()), want)
            copy = sorted(sh([*READERS["python3-icalendar"], self.home / name]).splitlines())
            self.same(f"{what}: vdirsyncer's copy of {name}", copy, want)
            listed = sorted(line.strip() for line in sh(
                ["khal", "-c", self.home / "khal.conf", "list", "-a", name, "--once", "--day-format", "", "--format", "{uid} {start} {end} {status}",
                 self.before, "60d"], self.env).splitlines() if line.strip())
            form = lambda t: f"{t[:4]}-{t[4:6]}-{t[6:8]} {t[9:11]}:{t[11:13]}"
            fields = [line.split() for line in want]
            self.same(f"{what}: khal on {name}", listed, sorted(f"{u} {form(s)} {form(e)} {status}" for u, s, e, _, status in fields))

    def assignments(self):
        lines = self.rota("show", "--version", "published", "-o", "csv").splitlines()
        columns = lines[0].split(",")
        return [dict(zip(columns, line.split(","))) for line in lines[1:]]

    def run(self):
        self.rota("solve", "--from", self.first, "--weeks", "4", "--work-limit", "200000", ok=(0, 4))
        self.rota("publish")
        self.serve()
        self.step("published")
        every = self.assignments()
        mine = [a for a in every if a["agent"] == "ani"]
        date = lambda a: a["slot"].split("@")[1]
        mine_one, other = next((a, b) for a in reversed(mine) for b in every if date(a) == date(b) and a["slot"] != b["slot"])
        self.rota("swap", "ani", mine_one["slot"], other["agent"], other["slot"], "--yes")
        self.rota("publish", "--force", "--reason", "a test")
        self.step("swapped")
        self.rota("unassign", "ani", mine[0]["slot"], "--yes")
        self.rota("publish", "--force", "--reason", "a test")
        self.step("cancelled")
        self.rota("rollback", "1")
        self.step("rolled back")
        before = {name: (self.home / f"{name}.feed.ics").read_bytes() for name in self.paths}
        copies = {f: f.stat().st_mtime_ns for name in self.paths for f in (self.home / name).glob("*.ics")}
        self.rota("solve", "--from", self.first, "--weeks", "1", "--work-limit", "1000", ok=(0, 4))
        self.step("a draft")
        if before != {name: (self.home / f"{name}.feed.ics").read_bytes() for name in self.paths}:
            sys.exit(f"{self.first}: a draft changes feeds")
        if copies != {f: f.stat().st_mtime_ns for name in self.paths for f in (self.home / name).glob("*.ics")}:
            sys.exit(f"{self.first}: vdirsyncer wrote events that did not change")
        self.server.terminate()
        if self.server.wait(30) != 0:
            sys.exit(f"rota serve ends with {self.server.returncode}\n" + (self.home / "serve.log").read_text())
        if any(path.split("/")[2][:20] in (self.home / "serve.log").read_text() for _, path in self.paths.values()):
            sys.exit("a token is in the log")


for first in PERIODS:
    with tempfile.TemporaryDirectory() as home:
        case = Case(pathlib.Path(home), first)
        try:
            case.run()
        finally:
            if hasattr(case, "server"):
                case.server.kill()
        print(f"four weeks from {first}: {case.steps} publications, {case.events} events compared by {len(READERS) + 2} readers")
