import GRDB

/// The journal's tables. Migrations are appended, never edited.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            for statement in [runs, steps, jobs, attempts, outcomes, scores] { try db.execute(sql: statement) }
        }
        migrator.registerMigration("sandbox") { db in try db.execute(sql: sandbox) }
        migrator.registerMigration("calls") { db in
            for statement in [calls, hints] { try db.execute(sql: statement) }
        }
        migrator.registerMigration("model") { db in
            // blob of what the script left in ./model, a gzipped tar archive
            try db.execute(sql: "ALTER TABLE outcomes ADD COLUMN model TEXT")
        }
        migrator.registerMigration("scheduling") { db in try db.execute(sql: scheduling) }
        migrator.registerMigration("open jobs") { db in
            // The state lies behind the script in a row: whoever counts must not read all scripts.
            try db.execute(sql: "CREATE INDEX jobs_state ON jobs (state, run)")
        }
        migrator.registerMigration("wishes") { db in try db.execute(sql: wishes) }
        migrator.registerMigration("tails") { db in try db.execute(sql: tails) }
        migrator.registerMigration("checkpoints") { db in
            try db.execute(
                sql: "CREATE INDEX outcomes_checkpoint ON outcomes (checkpoint) WHERE checkpoint IS NOT NULL")
        }
        migrator.registerMigration("probabilities") { db in
            // blob of the class probabilities that the script left beside its labels
            try db.execute(sql: "ALTER TABLE outcomes ADD COLUMN probabilities TEXT")
        }
        return migrator
    }

    private static let calls = """
        CREATE TABLE calls (
            id INTEGER PRIMARY KEY,
            run TEXT NOT NULL REFERENCES runs (id),
            -- the step it was made for, and which asking of that step it is
            path TEXT NOT NULL,
            role TEXT NOT NULL,
            attempt INTEGER NOT NULL CHECK (attempt >= 1),
            model TEXT NOT NULL,
            -- blobs of the prompt and of the answer
            request TEXT NOT NULL,
            answer TEXT,
            -- 'lost': the process died while it was under way
            state TEXT NOT NULL CHECK (state IN ('asked', 'answered', 'failed', 'lost')),
            input_tokens INTEGER NOT NULL DEFAULT 0,
            output_tokens INTEGER NOT NULL DEFAULT 0,
            -- NULL where no price is known
            picodollars INTEGER DEFAULT 0,
            latency_milliseconds INTEGER NOT NULL DEFAULT 0,
            error TEXT,
            -- why the answer could not be used
            defect TEXT,
            -- what is worth telling (JSON list)
            notes TEXT NOT NULL DEFAULT '[]',
            asked_at REAL NOT NULL,
            ended_at REAL,
            CHECK ((state = 'asked') = (ended_at IS NULL)),
            CHECK ((state = 'answered') = (answer IS NOT NULL)),
            CHECK ((state = 'failed') = (error IS NOT NULL))
        ) STRICT;
        CREATE INDEX calls_step ON calls (run, path, attempt)
        """

    private static let hints = """
        CREATE TABLE hints (
            id INTEGER PRIMARY KEY,
            run TEXT NOT NULL REFERENCES runs (id),
            kind TEXT NOT NULL CHECK (kind IN ('model-card', 'target', 'plan')),
            -- the hint itself (JSON)
            content TEXT NOT NULL,
            given_at REAL NOT NULL
        ) STRICT
        """

    private static let sandbox = """
        -- what the script ran in
        ALTER TABLE outcomes ADD COLUMN sandbox TEXT NOT NULL DEFAULT 'none';
        -- blob of everything it printed, gzipped, where log holds only the ends
        ALTER TABLE outcomes ADD COLUMN whole_log TEXT;
        ALTER TABLE outcomes ADD COLUMN peak_gpu_memory_bytes INTEGER NOT NULL DEFAULT 0;
        -- the rule by which an attempt may be ended early (JSON)
        ALTER TABLE jobs ADD COLUMN early_stop TEXT;
        CREATE TABLE environments (
            fingerprint TEXT PRIMARY KEY NOT NULL,
            -- name==version of each package (JSON)
            packages TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """

    private static let scheduling = """
        -- what the job asks of a worker beyond a slot (JSON); NULL for nothing
        ALTER TABLE jobs ADD COLUMN needs TEXT;
        -- blob of what an interrupted attempt left for the next one
        ALTER TABLE outcomes ADD COLUMN checkpoint TEXT;
        -- scripts that took their workers down too often
        CREATE TABLE quarantine (
            run TEXT NOT NULL REFERENCES runs (id),
            -- hash of script and data
            program TEXT NOT NULL,
            job TEXT NOT NULL REFERENCES jobs (id),
            story TEXT NOT NULL,
            entered_at REAL NOT NULL,
            PRIMARY KEY (run, program)
        ) STRICT, WITHOUT ROWID;
        -- why a run's jobs wait although nothing else is in their way
        CREATE TABLE obstacles (
            run TEXT PRIMARY KEY NOT NULL REFERENCES runs (id),
            reason TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """

    private static let wishes = """
        -- what people want of a run that has not ended, and whether its coordinator has heeded it
        ALTER TABLE runs ADD COLUMN wish TEXT NOT NULL DEFAULT 'go' CHECK (wish IN ('go', 'pause', 'finish'));
        ALTER TABLE runs ADD COLUMN is_heeded INTEGER NOT NULL DEFAULT 1 CHECK (is_heeded IN (0, 1));
        -- 'higher' or 'lower', whichever score is better; NULL for runs of earlier versions
        ALTER TABLE runs ADD COLUMN direction TEXT;
        -- workers that are to take no more jobs and to end
        CREATE TABLE drains (
            id INTEGER PRIMARY KEY,
            -- NULL for all that are there
            worker TEXT,
            -- 1 when what they run is to be stopped and handed back
            hands_back INTEGER NOT NULL CHECK (hands_back IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN ('asked', 'heeded', 'refused')),
            -- what the coordinator answered
            words TEXT,
            asked_at REAL NOT NULL,
            CHECK ((state = 'asked') = (words IS NULL))
        ) STRICT
        """

    private static let tails = """
        -- jobs whose output somebody looks at while they run, and what was told of it last
        CREATE TABLE log_tails (
            job TEXT PRIMARY KEY NOT NULL REFERENCES jobs (id),
            wanted_until REAL NOT NULL,
            told_at REAL,
            term INTEGER,
            -- bytes printed so far, and the last of them, of standard output and standard error
            output_size INTEGER,
            output BLOB,
            errors_size INTEGER,
            errors BLOB
        ) STRICT
        """

    private static let runs = """
        CREATE TABLE runs (
            id TEXT PRIMARY KEY NOT NULL,
            task_name TEXT NOT NULL,
            task_path TEXT NOT NULL,
            task_fingerprint TEXT NOT NULL,
            -- what the run was told: task, plan, split, limits, seed, model (JSON)
            settings TEXT NOT NULL,
            strategy TEXT NOT NULL,
            -- 1 for a run that was handed to a serving coordinator, which takes it up again after a crash
            is_served INTEGER NOT NULL CHECK (is_served IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'interrupted', 'finished', 'failed')),
            budget_seconds REAL NOT NULL CHECK (budget_seconds > 0),
            spent_seconds REAL NOT NULL DEFAULT 0 CHECK (spent_seconds >= 0),
            out_path TEXT NOT NULL,
            created_at REAL NOT NULL,
            finished_at REAL,
            -- how the run ended (JSON), or why it failed
            result TEXT,
            CHECK ((state IN ('finished', 'failed')) = (finished_at IS NOT NULL))
        ) STRICT
        """

    private static let steps = """
        CREATE TABLE steps (
            run TEXT NOT NULL REFERENCES runs (id),
            path TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('ask', 'run', 'observe', 'note')),
            -- SHA-256 of the canonical request
            request_hash TEXT NOT NULL,
            request TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('asked', 'answered')),
            answer TEXT,
            asked_at REAL NOT NULL,
            answered_at REAL,
            -- how often the effect behind the step was started: more than 1 only after a crash in the middle
            times_asked INTEGER NOT NULL DEFAULT 1,
            PRIMARY KEY (run, path),
            CHECK ((state = 'answered') = (answer IS NOT NULL)),
            CHECK ((state = 'answered') = (answered_at IS NOT NULL))
        ) STRICT, WITHOUT ROWID
        """

    private static let jobs = """
        CREATE TABLE jobs (
            id TEXT PRIMARY KEY NOT NULL,
            run TEXT NOT NULL REFERENCES runs (id),
            kind TEXT NOT NULL,
            script TEXT NOT NULL,
            mount_manifest TEXT NOT NULL,
            mount_path TEXT NOT NULL,
            deliverable TEXT NOT NULL CHECK (deliverable IN ('submission', 'score-line')),
            seed INTEGER NOT NULL,
            cores INTEGER NOT NULL,
            wall_milliseconds INTEGER NOT NULL,
            memory_bytes INTEGER NOT NULL,
            output_bytes INTEGER NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'settled', 'withdrawn', 'abandoned')),
            -- attempts lost that count against the limit
            losses INTEGER NOT NULL DEFAULT 0,
            submitted_at REAL NOT NULL,
            finished_at REAL,
            note TEXT,
            CHECK ((state IN ('settled', 'withdrawn', 'abandoned')) = (finished_at IS NOT NULL))
        ) STRICT
        """

    private static let attempts = """
        CREATE TABLE attempts (
            job TEXT NOT NULL REFERENCES jobs (id),
            term INTEGER NOT NULL CHECK (term >= 1),
            worker TEXT NOT NULL,
            incarnation TEXT NOT NULL,
            started_at REAL NOT NULL,
            ended_at REAL,
            ending TEXT,
            PRIMARY KEY (job, term),
            CHECK ((ended_at IS NULL) = (ending IS NULL))
        ) STRICT, WITHOUT ROWID
        """

    private static let outcomes = """
        CREATE TABLE outcomes (
            job TEXT NOT NULL REFERENCES jobs (id),
            term INTEGER NOT NULL,
            -- the outcome that settled the job, or one that came after it
            is_late INTEGER NOT NULL CHECK (is_late IN (0, 1)),
            ending TEXT NOT NULL,
            wall_milliseconds INTEGER NOT NULL,
            cpu_milliseconds INTEGER NOT NULL,
            peak_memory_bytes INTEGER NOT NULL,
            message TEXT NOT NULL,
            log TEXT NOT NULL,
            self_reported REAL,
            submission TEXT,
            environment TEXT NOT NULL,
            -- hash of what decides the outcome; outcomes with equal content may stand for each other
            content TEXT NOT NULL,
            arrived_at REAL NOT NULL,
            PRIMARY KEY (job, term)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX outcomes_settling ON outcomes (job) WHERE is_late = 0;
        CREATE INDEX outcomes_content ON outcomes (content)
        """

    private static let scores = """
        CREATE TABLE scores (
            run TEXT NOT NULL REFERENCES runs (id),
            path TEXT NOT NULL,
            part TEXT NOT NULL CHECK (part IN ('search', 'judge')),
            value REAL NOT NULL,
            standard_error REAL,
            row_count INTEGER NOT NULL,
            evaluation TEXT NOT NULL,
            PRIMARY KEY (run, path, part)
        ) STRICT, WITHOUT ROWID
        """
}
