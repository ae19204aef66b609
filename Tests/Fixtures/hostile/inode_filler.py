# what: makes empty files without end
# ends: disk limit
# stopped by: limit on the number of files
number = 0
while True:
    number += 1
    open(f"working/{number}", "w").close()
