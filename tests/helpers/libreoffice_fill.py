"""Fill a workbook in LibreOffice as a coder does, by its drop-downs; run by the Python that has LibreOffice's `uno`.

    python3 libreoffice_fill.py WORKBOOK PROFILE < answers.json > said.json

answers: {cell: what to choose}. A choice is taken out of the drop-down's own list, as LibreOffice resolves it. Before it
is chosen, something that is in no list is put into the cell, and LibreOffice is asked whether it finds that invalid.
The workbook goes through LibreOffice's own format and back to .xlsx, in its place.
"""

import contextlib
import json
import os
import subprocess
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


def option(name, value):
    found = PropertyValue()
    found.Name, found.Value = name, value
    return found


def office(profile):
    pipe = f"slantwise{os.getpid()}"
    started = subprocess.Popen(
        ["soffice", f"-env:UserInstallation={uno.systemPathToFileUrl(profile)}", "--headless", "--norestore",
         f"--accept=pipe,name={pipe};urp"], stderr=subprocess.DEVNULL,
    )  # fmt: skip
    here = uno.getComponentContext()
    resolver = here.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", here)
    for _ in range(300):
        try:
            there = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return started, there.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", there)
        except NoConnectException:
            time.sleep(0.2)
    started.kill()
    raise SystemExit("LibreOffice did not start")


def opened(desk, path):
    return desk.loadComponentFromURL(uno.systemPathToFileUrl(path), "_blank", 0, (option("Hidden", True),))


def saved(document, path, filter):
    document.storeToURL(uno.systemPathToFileUrl(path), (option("FilterName", filter),))
    document.close(True)


def choices(document, cell):
    """Return what the drop-down of a cell offers."""
    place = cell.Validation.getFormula1().replace("$'", "'").replace("$", "")  # 'lists'.A2:A8
    name, _, cells = place.rpartition(".")
    rows = document.Sheets.getByName(name.strip("'")).getCellRangeByName(cells).DataArray
    return [str(row[0]) for row in rows]


def invalid(sheet):
    """Say whether LibreOffice finds a cell whose content its validation forbids."""
    found = bool(sheet.showInvalid())
    sheet.clearArrows()
    return found


def runs(cell):
    """Return a cell's text in runs, with whether they are bold."""
    found = []
    paragraphs = cell.Text.createEnumeration()
    while paragraphs.hasMoreElements():
        parts = paragraphs.nextElement().createEnumeration()
        while parts.hasMoreElements():
            part = parts.nextElement()
            found.append([part.String, part.CharWeight >= 150])
    return found


def main(workbook, profile):
    answers = json.load(sys.stdin)
    started, desk = office(profile)
    try:
        document = opened(desk, workbook)
        sheet = document.Sheets.getByName("Coding")
        said = {
            "sheets": {s.Name: s.IsVisible for s in document.Sheets},
            "offered": {},
            "refused": [],
            "drop_downs": [],
        }
        said["passage"] = runs(sheet.getCellRangeByName("C3"))
        for address, answer in answers.items():
            cell = sheet.getCellRangeByName(address)
            check = cell.Validation
            if check.Type.value != "LIST":
                cell.String = answer
                continue
            said["drop_downs"].append(
                bool(check.ShowList and check.ShowErrorMessage and check.ErrorAlertStyle.value == "STOP")
            )
            cell.String = "in no list"
            if invalid(sheet):
                said["refused"].append(address)
            offered = said["offered"][address] = choices(document, cell)
            cell.String = offered[offered.index(answer)]
        said["invalid"] = invalid(sheet)
        saved(document, workbook + ".ods", "calc8")
        saved(opened(desk, workbook + ".ods"), workbook, "Calc MS Excel 2007 XML")
        json.dump(said, sys.stdout)
    finally:
        with contextlib.suppress(Exception):
            desk.terminate()
        started.wait(60)


main(*sys.argv[1:])
