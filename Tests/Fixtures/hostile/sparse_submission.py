# what: hands in ten gigabytes of holes
# ends: disk limit
# stopped by: limit on file size
with open("final/submission.csv", "w") as file:
    file.truncate(10 << 30)
