# what: writes one file without end
# ends: disk limit
# stopped by: limit on file size and on disk
with open("working/block", "wb") as file:
    while True:
        file.write(bytes(1 << 20))
