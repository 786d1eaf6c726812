"""What schemathesis cannot know by itself."""

import gzip
import io
import secrets
import tarfile
import zipfile

import schemathesis
from hypothesis import strategies as st
from urllib3.connectionpool import HTTPConnectionPool
from urllib3.util import connection



def elsewhere(*args, **kwargs):
    """Every request comes by its own connection from another address
    of this machine; see schemathesis.sh."""
    octets = [str(secrets.choice(range(1, 255))) for _ in range(3)]
    kwargs["source_address"] = (".".join(["127", *octets]), 0)
    return connect(*args, **kwargs)


connect = connection.create_connection
connection.create_connection = elsewhere
HTTPConnectionPool._put_conn = lambda pool, used: used.close()


def packed():
    """One script as a tar, and as a zip."""
    name, text = "main.py", b"print(1)\n"
    tar, zipped = io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(name, text)
    return tar.getvalue(), zipped.getvalue()


TAR, ZIP = packed()
schemathesis.openapi.media_type("application/x-tar", st.just(TAR))
schemathesis.openapi.media_type("application/gzip", st.just(gzip.compress(TAR, mtime=0)))
schemathesis.openapi.media_type("application/zip", st.just(ZIP))
