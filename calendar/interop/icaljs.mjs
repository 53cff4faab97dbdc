// Prints each event of an iCalendar file as UID, start, end, SEQUENCE and STATUS, as ical.js reads it.
import fs from "node:fs";
import ICAL from "ical.js";

const calendar = new ICAL.Component(ICAL.parse(fs.readFileSync(process.argv[2], "utf8")));
const show = (time) => time.toICALString();
for (const component of calendar.getAllSubcomponents("vevent")) {
  const event = new ICAL.Event(component, { strictExceptions: true });
  console.log(event.uid, show(event.startDate), show(event.endDate), event.sequence, component.getFirstPropertyValue("status"));
}
