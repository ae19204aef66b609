# what: unpacks a small archive into gigabytes
# ends: disk limit
# stopped by: limit on file size and on disk
import zipfile
with zipfile.ZipFile("working/bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
    for number in range(4):
        archive.writestr(str(number), bytes(40 << 20))
with zipfile.ZipFile("working/bomb.zip") as archive:
    archive.extractall("working")
import time
time.sleep(20)
