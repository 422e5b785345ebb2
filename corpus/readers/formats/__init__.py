"""Read documents that hold one article, or an export of an archive: mail, saved pages in one file, RTF, PDF, XML."""
