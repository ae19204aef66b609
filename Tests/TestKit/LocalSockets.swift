import Foundation

/// Local sockets that anybody may connect to, as long as the test's process lives.
public enum LocalSockets {
    /// Listens at two paths below a folder, for streams and for datagrams, and at a name without a path.
    ///
    /// - Returns: the three names, as the hostile script `local_sockets` reads them.
    public static func listen(below folder: String) throws -> String {
        let abstract = "mlestar-test-\(UUID().uuidString)"
        let stream = "\(folder)/stream"
        let datagram = "\(folder)/datagram"
        for (name, kind) in [(stream, SOCK_STREAM), (datagram, SOCK_DGRAM), ("\0\(abstract)", SOCK_STREAM)] {
            guard open(name, kind) else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
            chmod(name, 0o777)
        }
        return "\(stream) \(datagram) \(abstract)"
    }

    private static func open(_ name: String, _ kind: __socket_type) -> Bool {
        let server = socket(AF_UNIX, Int32(kind.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name.utf8) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(server, $0, length) == 0 }
        }
        return isBound && (kind == SOCK_DGRAM || Glibc.listen(server, 64) == 0)
    }

    /// A server on loopback that takes connections and says nothing.
    ///
    /// - Returns: its port.
    public static func listenOnLoopback() throws -> Int {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(server, $0, length) == 0 && Glibc.listen(server, 8) == 0 && getsockname(server, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EINVAL) }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
