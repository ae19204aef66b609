// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "Benchmarks",
    dependencies: [
        .package(name: "mlestar", path: ".."),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .executableTarget(
            name: "ManyWorkers", dependencies: [.product(name: "MLEStarScheduling", package: "mlestar")]),
        .target(
            name: "Kit",
            dependencies: [
                .product(name: "MLEStarParts", package: "mlestar"), .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .executableTarget(
            name: "DispatchRate",
            dependencies: [
                "Kit", .product(name: "MLEStarParts", package: "mlestar"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
        .executableTarget(
            name: "SleepingSearch",
            dependencies: [
                "Kit", .product(name: "MLEStarParts", package: "mlestar"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]),
    ]
)
