// swift-tools-version: 6.2
import PackageDescription

/// The one set of compiler settings: Swift 6 mode, strict imports, warnings are errors.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let collections: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let flyingFox: Target.Dependency = .product(name: "FlyingFox", package: "FlyingFox")
let flyingSocks: Target.Dependency = .product(name: "FlyingSocks", package: "FlyingFox")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let subprocess: Target.Dependency = .product(name: "Subprocess", package: "swift-subprocess")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// A library target in its wing's folder.
func part(
    _ wing: String, _ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil,
    exclude: [String] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(wing)/\(name)", exclude: exclude,
        resources: resources, swiftSettings: strict)
}

/// The tests of one target, mirroring its name.
func tests(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource]? = nil
) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, path: "Tests/\(name)Tests",
        exclude: exclude, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "mlestar",
    products: [
        .executable(name: "mlestar", targets: ["CoordinatorMain"]),
        .executable(name: "mlestar-worker", targets: ["WorkerMain"]),
        // For the package in Benchmarks/ alone.
        .library(name: "MLEStarScheduling", targets: ["Vocabulary", "Scheduling"]),
        .library(
            name: "MLEStarParts",
            targets: [
                "Vocabulary", "Search", "Scheduling", "Tasks", "Journal", "Dispatching", "Laboratory", "Wire", "ZeroMQ",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        // Shared: what both sides must agree on.
        part("Shared", "Vocabulary"),
        part("Shared", "Machine"),
        part("Shared", "Blobs", ["Vocabulary", crypto]),
        part("Shared", "Wire", ["Vocabulary", protobuf], exclude: ["mlestar.proto"]),
        .systemLibrary(name: "CZeroMQ", path: "Sources/Shared/CZeroMQ"),
        part("Shared", "ZeroMQ", ["CZeroMQ"]),
        part("Shared", "Keys", ["ZeroMQ"]),
        part("Shared", "Logs", [logging]),

        // Coordinator: the search and everything that serves it.
        part("Coordinator", "Search", ["Vocabulary"]),
        part("Coordinator", "Scoring", ["Vocabulary"]),
        part("Coordinator", "Scheduling", ["Vocabulary", collections]),
        part("Coordinator", "Tasks", ["Vocabulary", "Blobs", yams]),
        part("Coordinator", "Agents", ["Vocabulary", "Search"], resources: [.embedInCode("Recipes")]),
        // Without pkg-config, as libzmq; the linker setting keeps the library behind the objects that need it.
        .systemLibrary(name: "CCurl", path: "Sources/Coordinator/CCurl"),
        .target(
            name: "HTTP", dependencies: ["CCurl"], path: "Sources/Coordinator/HTTP", swiftSettings: strict,
            linkerSettings: [.linkedLibrary("curl")]),
        part(
            "Coordinator", "LanguageModels", ["HTTP", cryptoExtras, yams],
            resources: [.embedInCode("Tables/prices.yaml"), .embedInCode("Tables/capabilities.yaml")]),
        part("Coordinator", "Retrieval", ["HTTP", "LanguageModels", grdb], resources: [.embedInCode("Cards")]),
        part("Coordinator", "Journal", ["Vocabulary", "Blobs", grdb]),
        part(
            "Coordinator", "ModelAgents",
            ["Vocabulary", "Search", "Journal", "LanguageModels", subprocess, systemPackage],
            resources: [.embedInCode("Prompts"), .embedInCode("inspect.py")]),
        part(
            "Coordinator", "Dispatching",
            ["Vocabulary", "Blobs", "Scheduling", "Journal", "Wire", "ZeroMQ", "Keys", logging]),
        part(
            "Coordinator", "Laboratory",
            ["Vocabulary", "Blobs", "Search", "Scoring", "Tasks", "Journal", logging],
            resources: [.embedInCode("Scripts")]),
        part(
            "Coordinator", "Recordings", ["Vocabulary", "Search", "LanguageModels", "ModelAgents", "Laboratory"]),
        part("Coordinator", "Configuration", ["Vocabulary", "Search", "Tasks", "LanguageModels", yams]),
        part(
            "Coordinator", "Reporting", ["Vocabulary", "Search", "Journal", "Laboratory", "ModelAgents", "Tasks"]),
        part("Coordinator", "Placement", ["Vocabulary", subprocess, systemPackage, logging]),
        part("Coordinator", "Telemetry", ["Vocabulary", "Journal", "Dispatching", flyingFox, flyingSocks]),
        .executableTarget(
            name: "CoordinatorMain",
            dependencies: [
                "Vocabulary", "Machine", "Blobs", "Keys", "Search", "Scoring", "Tasks", "Agents", "Journal",
                "Scheduling", "Dispatching", "Laboratory", "Reporting", "Configuration", "HTTP", "LanguageModels",
                "ModelAgents", "Recordings", "Retrieval", "Placement", "Telemetry", "Logs", argumentParser, logging,
                subprocess, systemPackage,
            ],
            path: "Sources/Coordinator/Main", swiftSettings: strict),

        // Worker: runs the Python.
        part(
            "Worker", "Execution", ["Vocabulary", "Machine", "Blobs", subprocess, systemPackage],
            resources: [.embedInCode("Launcher")]),
        part("Worker", "Session", ["Vocabulary", "Wire", "ZeroMQ", "Keys", "Execution", "Blobs", logging]),
        .executableTarget(
            name: "WorkerMain",
            dependencies: [
                "Vocabulary", "Machine", "Blobs", "Keys", "Execution", "Session", "Logs", argumentParser, logging,
            ],
            path: "Sources/Worker/Main", swiftSettings: strict),

        // Tests mirror the targets; TestKit never leaks into products.
        .target(name: "TestKit", path: "Tests/TestKit", swiftSettings: strict),
        tests("Vocabulary"),
        tests("Machine"),
        tests("Blobs", ["Vocabulary", "TestKit"]),
        tests("Wire", ["Vocabulary", protobuf]),
        tests("Keys", ["ZeroMQ", "TestKit"]),
        tests("Search", ["Vocabulary"]),
        tests("Scheduling", ["Vocabulary"]),
        tests("Scoring", ["Vocabulary"]),
        tests("Agents", ["Vocabulary", "Search", "Scoring", "Tasks", "TestKit"]),
        tests("HTTP", ["TestKit"]),
        tests("LanguageModels", ["HTTP", "TestKit", cryptoExtras]),
        tests("Retrieval", ["HTTP", "LanguageModels", "TestKit"]),
        tests("Tasks", ["Vocabulary"]),
        tests("Configuration", ["Vocabulary", "Search"]),
        tests("Journal", ["Vocabulary", "Blobs", "TestKit", grdb]),
        tests(
            "Dispatching",
            ["Vocabulary", "Blobs", "Journal", "Scheduling", "Wire", "ZeroMQ", "Keys", "TestKit", logging]),
        tests("Laboratory", ["Vocabulary", "Journal", "Scoring", "Search", "Tasks", "TestKit", logging]),
        tests("Reporting", ["Vocabulary", "Journal", "Search", "Laboratory", "Tasks", "TestKit", logging]),
        tests(
            "ModelAgents", ["Vocabulary", "Search", "Journal", "LanguageModels", "TestKit"], exclude: ["Golden"]),
        tests("Placement", ["Vocabulary", "TestKit", logging]),
        tests("Telemetry", ["Vocabulary", "Journal", "Dispatching", "TestKit", logging]),
        tests("Logs", ["TestKit", logging]),
        tests("Execution", ["Vocabulary", "Scoring", "Tasks", "TestKit"]),
        tests("Session", ["Vocabulary", "Wire", "Blobs", "Execution", "TestKit", logging]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "CoordinatorMain", "WorkerMain", "Blobs", "Vocabulary", "Search", "Tasks", "Journal", "Laboratory",
                "Dispatching", "TestKit", logging,
                subprocess, systemPackage,
            ],
            path: "Tests/IntegrationTests", swiftSettings: strict),
    ]
)
