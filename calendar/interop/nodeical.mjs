// Prints each event of an iCalendar file as UID, start, end, SEQUENCE and STATUS, as node-ical reads it.
import ical from "node-ical";

const show = (time) => {
  const text = time.toISOString().replace(/[-:]|\.000/g, "");
  return time.dateOnly ? text.slice(0, 8) : text;
};
for (const event of Object.values(ical.sync.parseFile(process.argv[2]))) {
  if (event.type === "VEVENT") {
    console.log(event.uid, show(event.start), show(event.end), event.sequence, event.status);
  }
}
