# what: starts threads without end
# ends: exception RuntimeError
# stopped by: limit on processes
import threading
forever = threading.Event()
while True:
    threading.Thread(target=forever.wait, daemon=True).start()
