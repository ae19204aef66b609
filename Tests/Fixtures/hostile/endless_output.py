# what: prints without end
# ends: output limit
# stopped by: limit on output
while True:
    print("x" * 1000)
