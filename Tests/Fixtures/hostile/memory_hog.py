# what: fills memory
# ends: memory limit
# stopped by: limit on memory
blocks = []
while True:
    blocks.append(bytearray(8 << 20))
