/* Checks an iCalendar file against the restrictions of RFC 5545 as libical knows them, and prints each event as UID,
   start, end, SEQUENCE and STATUS. Exits 1 if anything is amiss. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static int errors_in(icalcomponent *c)
{
	int n = 0;
	for (icalproperty *p = icalcomponent_get_first_property(c, ICAL_XLICERROR_PROPERTY); p != NULL;
	     p = icalcomponent_get_next_property(c, ICAL_XLICERROR_PROPERTY)) {
		fprintf(stderr, "%s\n", icalproperty_get_xlicerror(p));
		n++;
	}
	for (icalcomponent *s = icalcomponent_get_first_component(c, ICAL_ANY_COMPONENT); s != NULL;
	     s = icalcomponent_get_next_component(c, ICAL_ANY_COMPONENT))
		n += errors_in(s);
	return n;
}

int main(int argc, char **argv)
{
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	if (f == NULL || fseek(f, 0, SEEK_END) != 0)
		return 2;
	long size = ftell(f);
	rewind(f);
	char *text = malloc(size + 1);
	if (text == NULL || fread(text, 1, size, f) != (size_t)size)
		return 2;
	text[size] = 0;
	icalcomponent *c = icalparser_parse_string(text);
	if (c == NULL || icalcomponent_isa(c) != ICAL_VCALENDAR_COMPONENT) {
		fprintf(stderr, "no calendar\n");
		return 1;
	}
	int legal = icalrestriction_check(c);
	int wrong = errors_in(c);
	for (icalcomponent *e = icalcomponent_get_first_component(c, ICAL_VEVENT_COMPONENT); e != NULL;
	     e = icalcomponent_get_next_component(c, ICAL_VEVENT_COMPONENT)) {
		printf("%s %s %s %d %s\n", icalcomponent_get_uid(e), icaltime_as_ical_string(icalcomponent_get_dtstart(e)),
		       icaltime_as_ical_string(icalcomponent_get_dtend(e)), icalcomponent_get_sequence(e),
		       icalenum_status_to_string(icalcomponent_get_status(e)));
	}
	return legal && wrong == 0 ? 0 : 1;
}
