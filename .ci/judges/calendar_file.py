"""Reads the calendar that kepgate writes with a library for calendar applications, and compares it with its JSON.

usage: python .ci/judges/calendar_file.py PATH-TO-KEPGATE

Needs the package icalendar.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from datetime import date, datetime, timezone
from pathlib import Path

from icalendar import Calendar

KEYS = ("prr-freeze", "enhancements-freeze", "code-freeze", "out")
NOW = "2025-06-01T08:30Z"
FEWEST_EVENTS = 40


def main():
    if len(sys.argv) != 2 or not (kepgate := shutil.which(Path(sys.argv[1]).absolute())):
        sys.exit("calendar_file: name the kepgate binary")
    with tempfile.TemporaryDirectory(prefix="kepgate-calendar-") as folder:
        first, second, listed = (run(kepgate, folder, form) for form in ("ics", "ics", "json"))
    if first != second:
        sys.exit("calendar_file: two runs write different calendars")
    expected = [instant(key, row[key]) for row in json.loads(listed) for key in KEYS if row[key]]
    # Raises an error if a line is malformed or a required property is missing.
    events = Calendar.from_ical(first).walk("VEVENT")
    found = [event["DTSTART"].dt for event in events]
    if found != expected:
        sys.exit(f"calendar_file: the events are at {found}, the JSON says {expected}")
    if len({event["UID"] for event in events}) != len(events) or len(events) < FEWEST_EVENTS:
        sys.exit(f"calendar_file: {len(events)} events, or two have the same UID")
    for event in events:
        if event.errors or event["DTSTAMP"].dt != datetime(2025, 6, 1, 8, 30, tzinfo=timezone.utc):
            sys.exit(f"calendar_file: {event['UID']}: {event.errors}, {event['DTSTAMP'].dt}")
    if too_long := [line for line in first.split(b"\r\n") if len(line) > 75 or b"\n" in line]:
        sys.exit(f"calendar_file: longer than 75 bytes or not ended by CRLF: {too_long[0]}")
    print(f"calendar_file: {len(events)} events are on the dates of the JSON")


def run(kepgate, folder, form):
    command = [kepgate, "calendar", "--now", NOW, "--output", form]
    return subprocess.run(command, cwd=folder, capture_output=True, check=True).stdout


def instant(key, text):
    """The start of an event: a day for the release, a time in UTC for the others."""
    return date.fromisoformat(text) if key == "out" else datetime.fromisoformat(text)


if __name__ == "__main__":
    main()
