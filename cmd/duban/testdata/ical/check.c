/* Reads calendar files as libical does, and says what it finds wrong:
   cc check.c $(pkg-config --cflags --libs libical) */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>

static char *slurp(const char *name)
{
	FILE *f = fopen(name, "rb");
	long n;
	char *s;
	if (!f || fseek(f, 0, SEEK_END) || (n = ftell(f)) < 0)
		exit(2);
	rewind(f);
	s = calloc(1, n + 1);
	if (!s || fread(s, 1, n, f) != (size_t)n)
		exit(2);
	fclose(f);
	return s;
}

int main(int argc, char **argv)
{
	int bad = 0, i;
	for (i = 1; i < argc; i++) {
		char *text = slurp(argv[i]);
		icalcomponent *c = icalparser_parse_string(text);
		if (!c || !icalrestriction_check(c) || icalcomponent_count_errors(c) > 0 ||
		    icalcomponent_count_components(c, ICAL_VEVENT_COMPONENT) < 1) {
			char *out = c ? icalcomponent_as_ical_string_r(c) : "not read";
			printf("%s:\n%s\n", argv[i], out);
			bad = 1;
		}
		if (c)
			icalcomponent_free(c);
		free(text);
	}
	return bad;
}
