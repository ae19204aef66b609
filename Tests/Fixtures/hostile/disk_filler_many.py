# what: writes many files into scratch, model and /tmp
# ends: disk limit
# stopped by: limit on disk
number = 0
while True:
    for folder in ("working", "model", "checkpoint", "/tmp"):
        number += 1
        try:
            with open(f"{folder}/{number}", "wb") as file:
                file.write(bytes(1 << 20))
        except PermissionError:
            pass
