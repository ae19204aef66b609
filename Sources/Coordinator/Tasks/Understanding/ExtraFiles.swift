import Vocabulary

/// Looks through the files beside the tables for what would undo hidden labels: the labels themselves, or ids, which
/// change when rows are mixed.
struct ExtraFiles {
    /// What is to be done about a file.
    enum Finding: Hashable {
        /// Scripts may see it.
        case harmless
        /// It stays out of search mounts because it has, or may have, the labels.
        case withheld(why: String)
        /// Labels cannot be hidden while it is there.
        case forbidding(why: String)
    }

    let tables: TaskTables
    let layout: TaskLayout
    let identity: RowIdentity
    let specification: TaskSpecification

    /// Paths to keep out of search mounts with notes about them, and the first reason not to hide labels.
    struct Report {
        var withheld: [String] = []
        var notes: [String] = []
        var reason: String?
    }

    private static let noteLimit = 5
    /// What is read of one file and of all together, in bytes; of very many files at least `leastRead` of each.
    private static let mostRead = (one: 1 << 20, all: 256 << 20)
    private static let leastRead = 4096

    func inspect() throws(TaskError) -> Report {
        var paths = layout.extras
        for folder in layout.folders {
            paths += try FolderListing.files(below: layout.absolute(folder)).map { folder + "/" + $0 }
        }
        paths = paths.filter { FileKind(of: $0) != .harmless }
        guard !paths.isEmpty else { return Report() }
        let labels = LabelSearch(tables: tables, identity: identity, specification: specification)
        var report = Report()
        for path in paths {
            let limit = max(Self.leastRead, min(Self.mostRead.one, Self.mostRead.all / paths.count))
            switch finding(path, labels, limit: limit) {
            case .harmless: continue
            case .forbidding(let why): report.reason = report.reason ?? "\(path) \(why)"
            case .withheld(let why):
                report.withheld.append(path)
                report.notes.append("\(path) \(why) and is kept from scripts while scores are hidden.")
            }
        }
        if report.notes.count > Self.noteLimit {
            let more = report.notes.count - Self.noteLimit
            report.notes =
                report.notes.prefix(Self.noteLimit)
                + ["\(more) more such files are kept from scripts while scores are hidden."]
        }
        return report
    }

    private func finding(_ path: String, _ labels: LabelSearch, limit: Int) -> Finding {
        let kind = FileKind(of: path)
        if kind == .archive { return .withheld(why: "is an archive, which may hold the labels,") }
        guard FolderListing.byteCount(layout.absolute(path)) > 0 else { return .harmless }
        guard kind != .binary, let head = TableHead(path: layout.absolute(path), limit: limit) else {
            return .forbidding(why: "cannot be looked into and may hold the labels: move it out of the folder")
        }
        switch kind {
        case .structured: return labels.finding(inKeysOf: head)
        case .markup: return labels.finding(inWordsOf: head)
        default: return labels.finding(in: head)
        }
    }
}

/// What a file's name says of how its content can be looked at.
enum FileKind {
    /// Pictures, sounds, pages and programs: nothing that is read as a table.
    case harmless
    case archive
    /// Tables in forms that are not text.
    case binary
    /// Keys and values with all names between double quotes: JSON.
    case structured
    /// Keys and values with names anywhere, such as YAML, XML and notebooks.
    case markup
    /// Tables as text, and all that is not known.
    case other

    init(of path: String) {
        let ending = Self.ending(of: path)
        if Self.mediaEndings.contains(ending) || Self.harmlessEndings.contains(ending) {
            self = .harmless
        } else if Self.archiveEndings.contains(ending) {
            self = .archive
        } else if Self.binaryEndings.contains(ending) {
            self = .binary
        } else {
            self = Self.textKinds[ending] ?? .other
        }
    }

    /// Whether a file is a picture or a recording: one of those that belongs to a row is seldom alone.
    static func isMedia(_ path: String) -> Bool { mediaEndings.contains(ending(of: path)) }

    private static func ending(of path: String) -> String {
        let name = FileNames.last(path).lowercased()
        return name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last.map(String.init) ?? ""
    }

    private static let textKinds: [String: FileKind] = [
        "json": .structured, "jsonl": .structured, "ndjson": .structured, "geojson": .structured, "xml": .markup,
        "yaml": .markup, "yml": .markup, "ipynb": .markup,
    ]

    private static let harmlessEndings: Set = [
        "md", "pdf", "html", "htm", "rst", "tex", "bib", "doc", "docx", "ppt", "pptx", "css", "js", "py", "r", "sh",
        "ttf", "otf",
    ]
    private static let mediaEndings: Set = [
        "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "webp", "svg", "ico", "dcm", "ppm", "pgm", "jp2", "heic",
        "wav", "mp3", "flac", "ogg", "m4a", "aac", "aiff", "mid", "mp4", "avi", "mov", "mkv", "webm",
    ]
    private static let archiveEndings: Set = ["zip", "gz", "7z", "tar", "tgz", "bz2", "xz", "rar", "zst", "lz4", "z"]
    private static let binaryEndings: Set = [
        "parquet", "feather", "arrow", "orc", "avro", "xlsx", "xls", "ods", "h5", "hdf5", "pkl", "pickle", "joblib",
        "npy", "npz", "mat", "sqlite", "sqlite3", "db", "rds", "rda", "rdata", "dta", "sav", "sas7bdat", "pt", "pth",
        "safetensors", "tfrecord", "tfrecords", "lmdb",
    ]
}
