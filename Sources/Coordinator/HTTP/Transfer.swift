import CCurl

/// One exchange under way. Everything but `begin` and the streams belongs to the thread of its `TransferLoop`.
final class Transfer: @unchecked Sendable {
    // Guarded by confinement: made by the caller, handed to the loop through its mutex, touched only there afterwards.
    let number: UInt64
    let request: HTTPRequest
    private let headContinuation: CheckedContinuation<Result<HTTPStream, HTTPError>, Never>
    private let body: AsyncThrowingStream<[UInt8], any Error>
    private let bodyContinuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private var status = 0
    private var version = "1.1"
    private var fields: [HTTPResponse.Field] = []
    private var answered = false
    private var received = 0
    private var refusedAddress = false
    private var overflowed = false
    private var addresses: UnsafeMutablePointer<mlestar_curl_guard>?
    private var headers: UnsafeMutablePointer<curl_slist>?
    private(set) var handle: UnsafeMutableRawPointer?
    let started = ContinuousClock.now
    private(set) var lastActivity = ContinuousClock.now

    init(
        number: UInt64, request: HTTPRequest, onEnd: @escaping @Sendable () -> Void,
        head: CheckedContinuation<Result<HTTPStream, HTTPError>, Never>
    ) {
        self.number = number
        self.request = request
        headContinuation = head
        (body, bodyContinuation) = AsyncThrowingStream.makeStream()
        // Rung also when nobody reads the body any more.
        bodyContinuation.onTermination = { _ in onEnd() }
    }

    deinit {
        if let handle { curl_easy_cleanup(handle) }
        if let headers { curl_slist_free_all(headers) }
        addresses?.deallocate()
    }

    /// Makes the handle; `false` when libcurl refuses the request.
    func prepare(_ configuration: HTTPConfiguration, resolves: UnsafeMutablePointer<curl_slist>?) -> Bool {
        guard let handle = curl_easy_init() else { return false }
        self.handle = handle
        let proxy = configuration.proxy(for: request.url)
        var codes = [
            mlestar_curl_set_string(handle, CURLOPT_URL, request.url),
            mlestar_curl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            mlestar_curl_set_string(handle, CURLOPT_CUSTOMREQUEST, request.method),
            mlestar_curl_set_string(handle, CURLOPT_ACCEPT_ENCODING, ""),
            mlestar_curl_set_string(handle, CURLOPT_PROXY, proxy ?? ""),
            // A guarded request must not slip past the proxy to a name that only this machine knows.
            mlestar_curl_set_string(
                handle, CURLOPT_NOPROXY, request.refusesPrivateAddresses ? "" : configuration.noProxy),
            mlestar_curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            mlestar_curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
            // Rather a stream of a connection that is being made than a connection of one's own.
            mlestar_curl_set_long(handle, CURLOPT_PIPEWAIT, 1),
            mlestar_curl_set_long(handle, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
            mlestar_curl_set_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS)),
            mlestar_curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, Int(request.limits.connect.milliseconds)),
            mlestar_curl_on_bytes(handle, CURLOPT_WRITEFUNCTION, CURLOPT_WRITEDATA, takeBody, context),
            mlestar_curl_on_bytes(handle, CURLOPT_HEADERFUNCTION, CURLOPT_HEADERDATA, takeHeader, context),
        ]
        if let file = configuration.certificateFile {
            codes.append(mlestar_curl_set_string(handle, CURLOPT_CAINFO, file))
        }
        if let folder = configuration.certificateFolder {
            codes.append(mlestar_curl_set_string(handle, CURLOPT_CAPATH, folder))
        }
        if let resolves {
            codes.append(mlestar_curl_set_pointer(handle, CURLOPT_RESOLVE, UnsafeMutableRawPointer(resolves)))
        }
        codes.append(setBody(handle))
        codes.append(setHeaders(handle))
        // The proxy's own address may be private; it then answers for what it reaches.
        if request.refusesPrivateAddresses, proxy == nil { codes.append(guardAddresses(handle)) }
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private func setBody(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        guard let bytes = request.body else {
            return request.method == "HEAD" ? mlestar_curl_set_long(handle, CURLOPT_NOBODY, 1) : CURLE_OK
        }
        let code = mlestar_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count))
        guard code == CURLE_OK else { return code }
        return bytes.withUnsafeBytes { raw in
            // The pointer is copied from before the call returns.
            mlestar_curl_set_pointer(
                handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: raw.baseAddress))
        }
    }

    private func setHeaders(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        if !request.headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
            lines.append("user-agent: mlestar/0.1")
        }
        // Waiting for "100 Continue" costs a second where a server does not know it.
        lines.append("expect:")
        for line in lines {
            guard let longer = curl_slist_append(headers, line) else { return CURLE_OUT_OF_MEMORY }
            headers = longer
        }
        return mlestar_curl_set_headers(handle, headers)
    }

    private func guardAddresses(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        let guarded = UnsafeMutablePointer<mlestar_curl_guard>.allocate(capacity: 1)
        guarded.initialize(
            to: mlestar_curl_guard(
                allows: { context, address in
                    guard let context, let address else { return 0 }
                    if PrivateAddress.isPublic(address) { return 1 }
                    Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().refusedAddress = true
                    return 0
                }, context: context))
        addresses = guarded
        return mlestar_curl_guard_addresses(handle, guarded)
    }

    /// Unretained: the loop holds the transfer until its handle is out of the multi handle.
    private var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

    // MARK: What libcurl hands over

    fileprivate func took(body bytes: UnsafeRawBufferPointer) -> Bool {
        lastActivity = .now
        received += bytes.count
        guard received <= request.limits.bodyBytes else {
            overflowed = true
            return false
        }
        answer()
        bodyContinuation.yield(Array(bytes))
        return true
    }

    fileprivate func took(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        lastActivity = .now
        let line = String(decoding: bytes, as: UTF8.self)
        received += bytes.count
        guard received <= request.limits.bodyBytes + (1 << 18) else { return false }
        if line.hasPrefix("HTTP/") {
            // Each answer on the way begins anew; the last one counts.
            let words = line.split(separator: " ")
            version = String(words[0].dropFirst(5))
            status = words.count > 1 ? Int(words[1].prefix { $0.isNumber }) ?? 0 : 0
            fields = []
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...].drop { $0.isWhitespace }
            let trimmed = String(value.reversed().drop { $0.isWhitespace }.reversed())
            fields.append(HTTPResponse.Field(name: line[..<colon].lowercased(), value: trimmed))
        } else if line.allSatisfy(\.isWhitespace), status >= 200 {
            received = 0
            answer()
        }
        return true
    }

    private func answer() {
        guard !answered else { return }
        answered = true
        let response = HTTPResponse(status: status, version: version, fields: fields)
        headContinuation.resume(returning: .success(HTTPStream(response: response, body: HTTPBody(chunks: body))))
    }

    // MARK: Ends

    /// The moment at which the exchange is over unless a byte comes.
    var deadline: ContinuousClock.Instant {
        let idle = lastActivity + request.limits.idle
        return request.limits.total.map { min(idle, started + $0) } ?? idle
    }

    /// Which limit was passed, if one was.
    func passedLimit(at now: ContinuousClock.Instant) -> HTTPError? {
        if let total = request.limits.total, now >= started + total {
            return HTTPError(.totalTimeout, "\(request.shownURL) was not done after \(total)")
        }
        guard now >= lastActivity + request.limits.idle else { return nil }
        return HTTPError(.idleTimeout, "\(request.shownURL) sent nothing for \(request.limits.idle)")
    }

    func finish(_ error: HTTPError?) {
        if let error {
            if answered {
                bodyContinuation.finish(throwing: error)
            } else {
                headContinuation.resume(returning: .failure(error))
            }
            answered = true
        } else {
            answer()
        }
        bodyContinuation.finish()
    }

    /// What libcurl's result means.
    func error(for result: CURLcode) -> HTTPError? {
        let said = String(cString: curl_easy_strerror(result))
        let url = request.shownURL
        switch result {
        case CURLE_OK: return nil
        case _ where refusedAddress:
            return HTTPError(.privateAddress, "\(url) leads to this machine or a private network")
        case _ where overflowed:
            return HTTPError(.tooLarge, "\(url) sent more than \(request.limits.bodyBytes) bytes")
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT:
            return HTTPError(.badRequest, "\(url) cannot be asked: \(said)")
        case CURLE_COULDNT_RESOLVE_HOST: return HTTPError(.unknownHost, "the host of \(url) has no address")
        case CURLE_COULDNT_RESOLVE_PROXY: return HTTPError(.unknownHost, "the proxy for \(url) has no address")
        case CURLE_COULDNT_CONNECT, CURLE_PROXY:
            return HTTPError(.noConnection, "no connection to \(url): \(said)")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM:
            return HTTPError(
                .tls, "\(url): \(said); a company's own certificates go into SSL_CERT_FILE or CURL_CA_BUNDLE")
        case CURLE_OPERATION_TIMEDOUT:
            return HTTPError(.connectTimeout, "no connection to \(url) within \(request.limits.connect)")
        case CURLE_RECV_ERROR where mlestar_curl_get_long(handle, CURLINFO_HTTP_CONNECTCODE) >= 400:
            let status = mlestar_curl_get_long(handle, CURLINFO_HTTP_CONNECTCODE)
            return HTTPError(.noConnection, "the proxy for \(url) answered \(status)")
        default: return HTTPError(.interrupted, "the connection to \(url) broke: \(said)")
        }
    }
}

private let takeBody: mlestar_curl_bytes = { bytes, size, count, context in
    guard let context else { return 0 }
    let taken = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().took(body: taken) ? size * count : 0
}

private let takeHeader: mlestar_curl_bytes = { bytes, size, count, context in
    guard let context else { return 0 }
    let taken = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().took(headerLine: taken) ? size * count : 0
}

extension Duration {
    /// Whole milliseconds, at least 1.
    var milliseconds: Int64 {
        max(1, components.seconds &* 1000 &+ components.attoseconds / 1_000_000_000_000_000)
    }
}
