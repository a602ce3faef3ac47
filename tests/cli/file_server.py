"""file_server.py FOLDER: serves the files of FOLDER on 127.0.0.1, with ranges. The port is written to FOLDER/port, every
request to FOLDER/requests as "NAME RANGE". What FOLDER/behaviour says is done to each answer:
    cut N       the connection is closed after N bytes of the content
    slow        4 kB at a time, with pauses
    no_ranges   the whole file is sent whatever was asked for
    error N     the answer is the error N
Used by sets.sh and by hand."""
import http.server, os, re, sys, time

folder = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        name = os.path.basename(self.path)
        wanted = self.headers.get("Range", "")
        with open(os.path.join(folder, "requests"), "a") as log:
            log.write(f"{name} {wanted}\n")
        try:
            with open(os.path.join(folder, "behaviour")) as file:
                behaviour, *number = file.read().split()
        except (FileNotFoundError, ValueError):
            behaviour, number = "", []
        if behaviour == "error":
            return self.send_error(int(number[0]))
        try:
            with open(os.path.join(folder, name), "rb") as file:
                content = file.read()
        except FileNotFoundError:
            return self.send_error(404)
        begin = 0
        found = re.fullmatch(r"bytes=(\d+)-", wanted)
        if found and behaviour != "no_ranges":
            begin = int(found[1])
            if begin >= len(content):
                return self.send_error(416)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        body = content[begin:]
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if behaviour == "cut":
            body = body[: int(number[0])]
            self.close_connection = True
        step = 4096 if behaviour == "slow" else 1 << 20
        try:
            for at in range(0, len(body), step):
                self.wfile.write(body[at : at + step])
                self.wfile.flush()
                if behaviour == "slow":
                    time.sleep(0.02)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(os.path.join(folder, "port.new"), "w") as file:
    file.write(str(server.server_port))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
server.serve_forever()
