/// Proxy and certificates, as the usual variables name them.
public struct HTTPConfiguration: Sendable, CustomStringConvertible {
    let httpProxy: String?
    let httpsProxy: String?
    let noProxy: String
    let certificateFile: String?
    let certificateFolder: String?
    /// Hosts and ports that are reached at another address, as `HOST:PORT:ADDRESS`; for tests.
    public var resolves: [String] = []

    /// Reads `HTTPS_PROXY`, `http_proxy`, `ALL_PROXY`, `NO_PROXY`, `CURL_CA_BUNDLE`, `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    ///
    /// `HTTP_PROXY` in capitals is not read: where programs answer web requests, strangers can set it.
    public init(environment: [String: String]) {
        func first(_ names: String...) -> String? {
            names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        }
        let any = first("all_proxy", "ALL_PROXY")
        httpProxy = first("http_proxy") ?? any
        httpsProxy = first("https_proxy", "HTTPS_PROXY") ?? any
        noProxy = first("no_proxy", "NO_PROXY") ?? ""
        certificateFile = first("CURL_CA_BUNDLE", "SSL_CERT_FILE")
        certificateFolder = first("SSL_CERT_DIR")
    }

    func proxy(for url: String) -> String? { url.lowercased().hasPrefix("https:") ? httpsProxy : httpProxy }

    /// What is set, without the values: a proxy's address may hold a password.
    public var description: String {
        let proxied = httpProxy != nil || httpsProxy != nil
        return
            "\(proxied ? "by proxy" : "direct"), certificates from \(certificateFile ?? certificateFolder ?? "the system")"
    }
}
