"""Recognise files that hold no article, by their names and first bytes, and formats that must be converted first."""

from __future__ import annotations

import re

from corpus.errors import BadFile


class NotAnArticle(BadFile):
    """A file of a kind that holds no article: in a folder it is passed over, named by itself it is refused."""


_TEMPORARY = re.compile(
    r"~\$.*|\._.*|\.~lock\..*|.*~|#.*#|.*\.(bak|old|orig|tmp|temp|swp|swo|part|partial|crdownload|download|lock|lck)"
    r"|backup of .*|sicherungskopie von .*\.wbk|.*\.(wbk|asd|dropbox|icloud)",
    re.IGNORECASE,
)
_SYSTEM = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "folder.jpg", "autorun.inf", "$recycle.bin"))
_ABOUT = re.compile(
    r"(readme|read_me|archive_browser|liesmich|lisezmoi|leeme|licen[cs]e|copying|changelog|changes|notice|authors|contributors|citation|codeofconduct"
    r"|contributing|requirements|makefile|dockerfile)([-_.][\w-]{1,12})?(\.(txt|md|markdown|rst|html?|pdf|docx|cff))?",
    re.IGNORECASE,
)
_PROGRAM = "a program or its settings"
_EXTENSIONS = {
    _PROGRAM: "js mjs cjs jsx ts tsx css scss less py pyc pyi ipynb r rmd qmd rproj rhistory pl pm rb c h cpp cs go "
    "rs java sh bash zsh bat cmd ps1 do ado sps sas stan jl m lua swift kt sql ini cfg conf toml yaml yml properties "
    "plist map wasm exe dll so dylib class jar apk dmg iso msi deb rpm lnk url webloc desktop inf reg",
    "a log": "log err out trace",
    "a picture": "png jpg jpeg jpe jfif gif webp avif heic heif bmp ico cur tif tiff svg eps psd ai raw cr2 nef xcf",
    "a sound or video file": "mp3 wav ogg oga opus flac m4a aac wma mid mp4 m4v mov avi mkv webm wmv flv mpg mpeg 3gp",
    "a font": "woff woff2 ttf otf eot",
    "a file of subtitles": "srt vtt sub ass ttml",
    "a bibliography": "bib ris enw nbib ciw",
    "a file of a typesetting system": "tex sty cls bst aux toc rst adoc org",
    "a certificate or a key": "pem crt cer key sig gpg",
    "a data file of a program": "rds rda rdata sav zsav por dta sas7bdat pkl pickle npy npz h5 hdf5 mat db sqlite "
    "mdb accdb feather arrow avro nvp nvpx mx20 mx22 mx24 atlproj qdpx qdc warc shp geojson kml gpx",
}
_KIND_OF_EXTENSION = {extension: kind for kind, names in _EXTENSIONS.items() for extension in names.split()}
_EXPORT_TABLE = "export its texts as CSV or Excel"
_UNPACK = "this is an archive of files; unpack it and add the files in it"

# first bytes of files that hold no article
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", _UNPACK),
    (b"BZh", _UNPACK),
    (b"\xfd7zXZ\x00", _UNPACK),
    (b"\x28\xb5\x2f\xfd", _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", _UNPACK),
    (b"Rar!\x1a\x07", _UNPACK),
    (b"\x04\x22\x4d\x18", _UNPACK),
    (b"GIF8", "this is a picture"),
    (b"\x89PNG\r\n", "this is a picture"),
    (b"\xff\xd8\xff", "this is a picture"),
    (b"II*\x00", "this is a picture"),
    (b"MM\x00*", "this is a picture"),
    (b"\x00\x00\x01\x00", "this is a picture"),
    (b"8BPS", "this is a picture"),
    (b"wOFF", "this is a font"),
    (b"wOF2", "this is a font"),
    (b"OTTO\x00", "this is a font"),
    (b"\x00\x01\x00\x00\x00", "this is a font"),
    (b"ID3", "this is a sound or video file"),
    (b"OggS\x00", "this is a sound or video file"),
    (b"fLaC\x00", "this is a sound or video file"),
    (b"\x1aE\xdf\xa3", "this is a sound or video file"),
    (b"SQLite format 3\x00", f"this is a database; {_EXPORT_TABLE}"),
    (b"\x7fELF", f"this is {_PROGRAM}"),
    (b"MZ\x90\x00", f"this is {_PROGRAM}"),
    (b"\xca\xfe\xba\xbe", f"this is {_PROGRAM}"),
    (b"ARROW1\x00\x00", f"this is a data file of a program; {_EXPORT_TABLE}"),
    (b"FEA1", f"this is a data file of a program; {_EXPORT_TABLE}"),
    (b"RDX3\n", f"this is a data file of a program; {_EXPORT_TABLE}"),
    (b"$FL2@(#)", f"this is a data file of a program; {_EXPORT_TABLE}"),
    (b"<stata_dta>", f"this is a data file of a program; {_EXPORT_TABLE}"),
    (b"\x93NUMPY", f"this is a data file of a program; {_EXPORT_TABLE}"),
)

# first bytes of files that may hold an article and must be converted first
_CONVERTIBLE: tuple[tuple[bytes, str], ...] = (
    (b"%!PS", "this is PostScript, which is not read; save it as PDF with a text layer, or as DOCX"),
    (b"AT&TFORM", "this is DjVu, which is not read; save it as PDF with a text layer (OCR)"),
    (b"ITSF", "this is compiled HTML help, which is not read; save its pages as HTML"),
    (b"\xffWPC", "this is a WordPerfect file, which is not read; save it as DOCX or text"),
    (b"\xdb\xa5-\x00", "this is a Word file of before 1997, which is not read; save it as DOCX"),
    (b"{\\urtf", "this is an unusual form of RTF; save it as DOCX"),
)
_OLD_OFFICE: tuple[tuple[str, str], ...] = (  # streams in old Microsoft files
    ("__substg1.0_", "this is an Outlook message (MSG), which is not read; save it as EML or text"),
    ("WordDocument", "this is an old Word file (DOC), which is not read; save it as DOCX"),
    ("Workbook", "this is an old Excel file (XLS), which is not read; save it as XLSX or CSV"),
    ("Book", "this is an old Excel file (XLS), which is not read; save it as XLSX or CSV"),
    ("PowerPoint Document", "this is a PowerPoint file, which is not read; save its text as DOCX or text"),
    ("EncryptedPackage", "this file is encrypted with a password; open it and save it without one"),
)


def reason_by_name(name: str) -> str | None:
    """Return why a file of this name holds no article, None if it may hold one.

    >>> reason_by_name("~$velo.docx"), reason_by_name("velo.docx")
    ('this is a temporary or backup file', None)
    """
    if name.lower() in _SYSTEM or name == ".DS_Store":
        return "this is a file of the operating system"
    if _TEMPORARY.fullmatch(name):
        return "this is a temporary or backup file"
    extension = extension_of(name)
    if kind := _KIND_OF_EXTENSION.get(extension):
        return f"this is {kind} (.{extension})" + (f"; {_EXPORT_TABLE}" if kind.startswith("a data file") else "")
    return None


def describes_others(name: str) -> bool:
    """Return whether a file, by its name, describes the files next to it, such as README.md.

    >>> describes_others("README.md"), describes_others("readme-first.txt"), describes_others("License to kill.txt")
    (True, True, False)
    """
    return bool(_ABOUT.fullmatch(name))


def extension_of(name: str) -> str:
    """Return a name's extension in lower case; what follows the last full stop of a sentence is not one.

    >>> extension_of("velo.TXT"), extension_of("Velo fell. What now?"), extension_of("14.03.2024")
    ('txt', '', '')
    """
    match = re.search(r".\.([A-Za-z][A-Za-z0-9]{0,9})$", name)
    return match[1].lower() if match else ""


def check_signature(data: bytes) -> None:
    """Raise NotAnArticle or BadFile if the file's first bytes are those of a kind that is not read."""
    for signature, why in _SIGNATURES:
        if data.startswith(signature):
            raise NotAnArticle(why)
    for signature, why in _CONVERTIBLE:
        if data.startswith(signature):
            raise BadFile(why)
    if data[257:262] == b"ustar":
        raise NotAnArticle(_UNPACK)
    if data[:4] == b"RIFF" and data[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        raise NotAnArticle("this is a picture" if data[8:12] == b"WEBP" else "this is a sound or video file")
    if data[4:8] == b"ftyp":
        picture = data[8:12] in (b"avif", b"heic", b"heix", b"mif1")
        raise NotAnArticle("this is a picture" if picture else "this is a sound or video file")
    if data[60:68] in (b"BOOKMOBI", b"TEXtREAd"):
        raise BadFile("this is an e-book (MOBI), which is not read; convert it to DOCX, HTML or text")


def check_old_office(data: bytes) -> None:
    """Raise BadFile: a file in the format of Microsoft's programs of before 2007 must be saved in the newer one."""
    for stream, why in _OLD_OFFICE:
        if stream.encode("utf-16-le") in data:
            raise BadFile(why)
    raise BadFile("this is an old Microsoft file (such as DOC or XLS), which is not read; save it as DOCX, XLSX or CSV")


def check_package(names: set[str], mimetype: str) -> None:
    """Raise BadFile or NotAnArticle for a ZIP file that is neither a Word file, a workbook nor an OpenDocument text.

    `names` are the files in it, `mimetype` is what it declares itself to be.
    """
    if mimetype == "application/epub+zip":
        raise BadFile("this is an e-book (EPUB), which is not read; convert it to DOCX, HTML or text")
    if mimetype.endswith("opendocument.spreadsheet"):
        raise BadFile("this is an OpenDocument spreadsheet (ODS), which is not read; save it as XLSX or CSV")
    if mimetype.endswith("opendocument.presentation") or "ppt/presentation.xml" in names:
        raise BadFile("these are slides, which are not read; save their text as DOCX or text")
    if "xl/workbook.bin" in names:
        raise BadFile("this is a binary Excel file (XLSB), which is not read; save it as XLSX or CSV")
    if any(name.lower().endswith(".iwa") or name == "index.apxl" for name in names):
        raise BadFile("this is a file of Pages or Numbers, which is not read; export it as Word or Excel")
    if "word/document.xml" not in names and any(name.endswith("project.qde") for name in names):
        raise NotAnArticle("this is a project of another program (REFI-QDA); export its texts")
    raise NotAnArticle(
        "this is a ZIP file but not a Word document, workbook or OpenDocument text; unpack it and add the files in it"
    )
