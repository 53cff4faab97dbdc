"""Prints each event of an iCalendar file, or of a folder of them, as UID, start, end, SEQUENCE and STATUS."""
import datetime
import pathlib
import sys

import icalendar


def show(when):
    if isinstance(when, datetime.datetime):
        return when.astimezone(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    return when.strftime("%Y%m%d")


path = pathlib.Path(sys.argv[1])
for file in sorted(path.glob("*.ics")) if path.is_dir() else [path]:
    calendar = icalendar.Calendar.from_ical(file.read_bytes())
    for event in calendar.walk("VEVENT"):
        if event.errors:
            sys.exit(f"{file}: {event.errors}")
        print(event["UID"], show(event["DTSTART"].dt), show(event["DTEND"].dt), event["SEQUENCE"], event["STATUS"])
