import Foundation
import TestKit
import Testing
import Vocabulary

@testable import Execution

@Suite("Imports of a script", .timeLimit(.minutes(5)))
struct ImportScanTests {
    @Test(
        "known modules at the beginning of a line are found, in order",
        arguments: [
            ("import numpy as np, os\nimport pandas", ["numpy", "pandas"]),
            (
                "from sklearn.ensemble import (\n    RandomForestClassifier,\n)\nimport lightgbm as lgb",
                ["sklearn.ensemble", "lightgbm"]
            ),
            ("from sklearn import metrics, svm  # two\n", ["sklearn.metrics", "sklearn.svm"]),
            ("from torch.utils.data.dataset import Dataset", ["torch.utils.data"]),
            ("def f():\n    import xgboost\n# import numpy\nimport this, antigravity", []),
            ("import os\nos.environ.get('A')\nSEED = 1\nimport numpy", ["numpy"]),
            ("import numpy\nimport os\nos.environ['OMP_NUM_THREADS'] = '1'\nimport lightgbm", ["numpy"]),
            ("import warnings\nwarnings.filterwarnings('ignore')\nimport numpy", []),
            ("import numpy as np\nnp.float = float\nimport sklearn.svm", ["numpy"]),
            ("import numpy; import pandas as pd ;import lightgbm\n", ["numpy", "pandas", "lightgbm"]),
            ("import numpy as np; np.random.seed(0)\r\nimport pandas", ["numpy", "pandas"]),
            ("from sklearn import \\\n    svm, \\\r\n  tree\nimport numpy", ["sklearn.svm", "sklearn.tree", "numpy"]),
        ])
    func modules(_ script: String, _ expected: [String]) {
        #expect(ImportScan.modules(in: script) == expected)
    }

    @Test(
        "nothing is taken from behind a statement that may change imports, on the same line or under another name",
        arguments: [
            "import os; os.environ['OMP_NUM_THREADS'] = '4'", "import os; import sys; sys.path.insert(0, 'x')",
            "import os; x = 1; os.environ['A'] = 'b'", "from os import environ as e\ne['X'] = '1'",
            "from os import (\n    path,\n    environ as e,\n)\ne['X'] = '1'", "import sys as s\ns.path.clear()",
            "import os, importlib.util as u\nu.find_spec('x')", "from sys import path\npath.clear()",
            "from logging import getLogger as g\ng('x').disabled = True", "from os import putenv as p\np('X', '1')",
            "import os\ne = os.environ\ne['X'] = '1'", "import os\nos.sched_setaffinity(0, {0})",
            "import sys\ns = sys\ns.path.clear()", "import os\ngetattr(os, 'env' + 'iron')['X'] = '1'",
            "import os\ndef f():\n    os.environ['X'] = '1'\nf()", "import pandas as pd\nz, pd.options.x['y'] = 1, 2",
        ])
    func influence(_ beginning: String) {
        #expect(ImportScan.modules(in: "import pandas\n\(beginning)\nimport numpy") == ["pandas"])
    }

    @Test(
        "what only looks like an import is none, and what only speaks of such a statement changes nothing",
        arguments: [
            "\"\"\"How to:\n\nimport pandas\nfrom sklearn import svm\n\"\"\"", "'''import os; sys.path '''",
            "x = ('''\nimport pandas\n''')", "text = 'a; import pandas'", "if 0: x = 1; import pandas",
            "try:\n    import pandas\nexcept ImportError: x = 1; import pandas", "x = '\\'; import pandas'",
            "x = [\nimport_, pandas]", "# sys.path\n  # import pandas", "x = 1 \\\n  # import pandas",
            "class A:\n    def __init__(self):\n        self.x = 1", "def f(d):\n    d.loc[0, 'x'] = 1",
            "import os\nhome = os.environ.get('HOME')",
        ])
    func appearance(_ beginning: String) {
        #expect(ImportScan.modules(in: "\(beginning)\nimport numpy") == ["numpy"])
    }
}

@Suite("Which interpreters are held ready", .timeLimit(.minutes(5)))
struct WarmPlanTests {
    private let plenty = 32 << 30
    private func kind(_ imports: String..., seed: String = "1") -> WarmKind {
        WarmKind(imports: imports, environment: ["SEED": seed])
    }
    private func at(_ seconds: Int) -> Instant { Instant(.seconds(seconds)) }

    @Test("the first script of a kind starts cold and asks for an interpreter, the next one finds it")
    func demand() {
        var plan = WarmPlan(limit: 2, reserve: 1 << 30)
        let first = plan.request(kind("numpy"), at: at(0), freeBytes: plenty)
        #expect(first.from == nil && first.commands == [.start(kind("numpy"))])
        #expect(plan.request(kind("numpy"), at: at(1), freeBytes: plenty).commands.isEmpty)
        plan.started(kind("numpy"), works: true, at: at(0))
        #expect(plan.request(kind("numpy"), at: at(2), freeBytes: plenty).from == kind("numpy"))
    }

    @Test("a script starts from the one that holds most of its imports and nothing else, in its order")
    func closest() {
        var plan = WarmPlan(limit: 9, reserve: 1 << 30)
        for held in [kind("numpy"), kind("numpy", "pandas"), kind("pandas", "numpy"), kind("numpy", "torch")] {
            _ = plan.request(held, at: at(0), freeBytes: plenty)
            plan.started(held, works: true, at: at(0))
        }
        let wanted = kind("numpy", "pandas", "lightgbm")
        #expect(plan.request(wanted, at: at(1), freeBytes: plenty).from == kind("numpy", "pandas"))
        #expect(plan.request(kind("numpy", seed: "2"), at: at(1), freeBytes: plenty).from == nil)
    }

    @Test(
        "when memory is short none is started and the oldest goes; one that could not be used is tried again after a time"
    )
    func memory() {
        var plan = WarmPlan(limit: 2, reserve: 1 << 30)
        for (time, name) in ["numpy", "pandas"].enumerated() {
            _ = plan.request(kind(name), at: at(time), freeBytes: plenty)
            plan.started(kind(name), works: true, at: at(0))
        }
        #expect(plan.request(kind("torch"), at: at(2), freeBytes: 1 << 20).commands == [.end(kind("numpy"))])
        #expect(plan.request(kind("torch"), at: at(3), freeBytes: plenty).commands == [.start(kind("torch"))])
        plan.started(kind("torch"), works: false, at: at(4))
        #expect(plan.request(kind("torch"), at: at(5), freeBytes: plenty).commands.isEmpty)
        #expect(plan.request(kind("pandas"), at: at(903), freeBytes: plenty).commands.isEmpty)
        #expect(plan.request(kind("torch"), at: at(903), freeBytes: plenty).commands.isEmpty)
        #expect(plan.request(kind("torch"), at: at(904), freeBytes: plenty).commands == [.start(kind("torch"))])
        plan.started(kind("torch"), works: false, at: at(905))
        #expect(plan.request(kind(), at: at(2_000), freeBytes: plenty).commands == [.end(kind("pandas"))])
    }

    @Test("those that nobody asked for end though no script comes, and one when memory becomes short")
    func timePassed() {
        var plan = WarmPlan(limit: 3, reserve: 1 << 30)
        for (time, name) in ["numpy", "pandas", "torch"].enumerated() {
            _ = plan.request(kind(name), at: at(time * 100), freeBytes: plenty)
            plan.started(kind(name), works: true, at: at(0))
        }
        #expect(plan.timePassed(at: at(899), freeBytes: plenty).isEmpty)
        #expect(plan.timePassed(at: at(900), freeBytes: plenty) == [.end(kind("numpy"))])
        #expect(plan.timePassed(at: at(901), freeBytes: 1 << 20) == [.end(kind("pandas"))])
        #expect(plan.timePassed(at: at(1_100), freeBytes: 1 << 20) == [.end(kind("torch"))])
        #expect(plan.timePassed(at: at(1_101), freeBytes: 1 << 20).isEmpty)
    }

    @Test("at the limit the one that was used longest ago makes room")
    func limit() {
        var plan = WarmPlan(limit: 1, reserve: 1 << 30)
        _ = plan.request(kind("numpy"), at: at(0), freeBytes: plenty)
        plan.started(kind("numpy"), works: true, at: at(0))
        let commands = plan.request(kind("pandas"), at: at(1), freeBytes: plenty).commands
        #expect(commands == [.end(kind("numpy")), .start(kind("pandas"))])
    }
}

@Suite("The launcher's parts", .timeLimit(.minutes(5)))
struct LauncherPartTests {
    @Test(
        "filters, groups, rooms, counting, limits and ends do what they say",
        arguments: ["launcher_checks.py", "launcher_limits.py"])
    func parts(name: String) throws {
        let files = try TemporaryFolder()
        let folder = try LauncherFiles(below: files.path).folder
        let checks = HostileScript.folder.deletingLastPathComponent().appendingPathComponent(name).path
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", checks, folder]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test("an environment's interpreter tells its name, also where the folder is reached through a link")
    func environmentName() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "home/envs/core/bin/python")
        symlink("\(folder.path)/home", "\(folder.path)/link")
        for home in ["home", "link"] {
            let known = NamedEnvironments(variables: ["MLESTAR_HOME": "\(folder.path)/\(home)"])
            #expect(known.name(of: "\(folder.path)/home/envs/core/bin/python") == "core")
            #expect(known.name(of: known.interpreter(of: "core")) == "core")
            #expect(known.name(of: "\(folder.path)/home/core/bin/python") == nil)
            #expect(known.name(of: "\(folder.path)/home/envs/core/lib/python") == nil)
            #expect(known.name(of: "/usr/bin/python3") == nil)
        }
    }

    @Test("requirement files must be pinned")
    func pinned() {
        let text = "# a\nnumpy==2.4.6\ntorch==2.13.0+cpu  # why\n--extra-index-url https://x\npandas>=2\nscipy\n"
        #expect(NamedEnvironments.looseRequirements(in: text) == ["pandas>=2", "scipy"])
    }
}

@Suite("The median rule", .timeLimit(.minutes(5)))
struct MedianRuleTests {
    private let rule = EarlyStop(direction: .higherIsBetter, others: 3, warmUp: 1)

    @Test("bounds are medians of what enough others had reached, after the warm-up")
    func bounds() {
        let curves = [[1.0, 2, 3], [1, 4, 5], [1, 6], [1, .infinity]]
        #expect(MedianRule.bounds(curves, rule: rule) == [nil, 4, nil])
        #expect(MedianRule.bounds([], rule: rule) == [])
    }

    @Test("scripts of other runs and other data do not count")
    func pages() {
        var book = CurveBook()
        let page = CurveBook.Page(run: RunID("a"), mount: Workshop.hash, direction: .higherIsBetter)
        book.enter([1], on: page)
        book.enter([], on: page)
        #expect(book.curves(on: page) == [[1]])
        #expect(book.curves(on: .init(run: RunID("b"), mount: Workshop.hash, direction: .higherIsBetter)).isEmpty)
    }

    @Test("a script that falls behind is ended early, one that keeps up is not, and without the rule none is")
    func stopped() async throws {
        let workshop = try await Workshop()
        func run(_ values: [Double], rule: EarlyStop?) async -> Outcome {
            let script = """
                import time
                for value in \(values):
                    print("Intermediate Validation Performance:", value)
                    time.sleep(0.05)
                time.sleep(\(values.last == 0 ? 20 : 0))
                """
            return await workshop.run(
                Workshop.submit + script, .init(earlyStop: rule))
        }
        for _ in 0..<3 { #expect(await run([0.5, 0.7, 0.8], rule: rule).ending == .succeeded) }
        let behind = await run([0.1, 0.2, 0], rule: rule)
        #expect(behind.ending == .stoppedEarly && behind.message.contains("0.7"))
        #expect(await run([0.5, 0.9, 0.9], rule: rule).ending == .succeeded)
        #expect(await run([0.1, 0.1, 0.1], rule: nil).ending == .succeeded)
    }

    @Test("a child that goes on printing when its script has ended is stopped, not read for ever")
    func printsOn() async throws {
        let script = """
            import os, time
            if os.fork() == 0:
                os.setsid()
                while True: os.write(1, b"Intermediate Validation Performance: 1\\n" * 5000)
            """
        let outcome = await (try Workshop()).run(Workshop.submit + script, .init(output: 32 << 20, earlyStop: rule))
        #expect(outcome.ending == .succeeded || outcome.ending == .outputLimit)
    }
}
