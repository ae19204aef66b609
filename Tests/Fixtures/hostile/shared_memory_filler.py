# what: fills /dev/shm
# ends: memory limit | disk limit
# stopped by: limit on memory, size of /dev/shm
# tier: own user
with open("/dev/shm/block", "wb") as file:
    while True:
        file.write(bytes(4 << 20))
