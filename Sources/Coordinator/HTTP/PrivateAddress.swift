import CCurl
import Glibc

/// Addresses that a URL chosen by others must not lead to.
enum PrivateAddress {
    /// Whether a socket address is public. Only IPv4 and IPv6 can be.
    static func isPublic(_ address: UnsafePointer<sockaddr>) -> Bool {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                isPublic(v4: withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) })
            }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                isPublic(v6: withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) })
            }
        default: false
        }
    }

    /// Whether a host that is written as an address, or a name of this machine, is public; other names are taken as such.
    static func isPublic(host: String) -> Bool {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_aton(bare, &v4) == 1 { return isPublic(v4: withUnsafeBytes(of: v4) { Array($0) }) }
        if inet_pton(AF_INET6, bare, &v6) == 1 { return isPublic(v6: withUnsafeBytes(of: v6) { Array($0) }) }
        let name = bare.lowercased()
        let local = ["localhost", ".localhost", ".local", ".internal", ".home.arpa", ".lan"]
        return name.contains(".") && !local.contains { name == $0 || name.hasSuffix($0) }
    }

    /// RFC 6890's special blocks, shared carrier space and multicast are not public.
    static func isPublic(v4 bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (169, 254, _), (192, 168, _), (192, 0, 0), (192, 0, 2),
            (198, 18...19, _),
            (198, 51, 100), (203, 0, 113), (192, 88, 99):
            false
        case (100, 64...127, _), (172, 16...31, _), (224..., _, _): false
        default: true
        }
    }

    /// Global unicast (2000::/3) is public unless it carries an IPv4 address that is not.
    static func isPublic(v6 bytes: [UInt8]) -> Bool {
        if bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] { return isPublic(v4: Array(bytes[12...])) }
        if bytes.prefix(12) == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0] {
            return isPublic(v4: Array(bytes[12...]))
        }
        if bytes[0] == 0x20, bytes[1] == 0x02 { return isPublic(v4: Array(bytes[2..<6])) }
        let documentation = bytes.prefix(4) == [0x20, 0x01, 0x0d, 0xb8]
        let teredo = bytes.prefix(4) == [0x20, 0x01, 0, 0]
        return bytes[0] & 0xe0 == 0x20 && !documentation && !teredo
    }
}
