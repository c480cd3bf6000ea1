"""Unpacks those files of a wheel whose names start with one of the prefixes: unpack-wheel.py WHEEL FOLDER PREFIX..."""

import os
import sys
import zipfile

wheel, folder, *prefixes = sys.argv[1:]
try:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if member.filename.startswith(tuple(prefixes)):
                path = archive.extract(member, folder)
                # zipfile drops permissions; ptxas must stay executable.
                if (member.external_attr >> 16) & 0o111 and not member.is_dir():
                    os.chmod(path, 0o755)
except (OSError, zipfile.BadZipFile) as error:
    sys.exit(f"error: {error}")
