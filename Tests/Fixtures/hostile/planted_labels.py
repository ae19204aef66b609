# what: opens a file with labels whose path it knows
# ends: succeeded
# stopped by: the file is not in its room
open("final/submission.csv", "w").write("id,p\n1,0.5\n")

path = open("input/labels_path.txt").read().strip()
try:
    print("REACHED", open(path).read())
except OSError:
    pass
