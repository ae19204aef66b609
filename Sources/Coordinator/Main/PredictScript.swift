import Laboratory
import Vocabulary

/// `predict.sh`: predicts rows that came later with the winning script and the model it left.
struct PredictScript {
    /// Where the task's files lie as scripts see them.
    let mount: Mount
    let settings: RunSettings
    /// Where scripts find the rows to predict, relative to the mount.
    let testNames: [String]

    /// The shell script's text.
    var text: String {
        """
        #!/bin/sh
        # Predicts new rows with the winning script:  ./predict.sh TEST.csv OUT.csv [FOLDER]
        #
        # TEST.csv has the columns of test.csv in FOLDER, which holds train.csv and whatever else scripts saw. What
        # solution.py trained is in model.tar.gz, or in model-member-N.tar.gz for the members of an ensemble, if it left anything:
        # a script that finds it does not train again, any other one trains first. MLESTAR_PYTHON names the interpreter, which
        # needs the packages of the run's environment.
        set -eu
        here=$(cd "$(dirname "$0")" && pwd)
        fail() { printf 'predict.sh: %s\\n' "$1" >&2; exit "$2"; }
        # Puts the rows where scripts look for them; a folder on the way becomes one of its own, so that none is written to.
        put() {
            place=$box/input rest=$2
            while [ "$rest" != "${rest#*/}" ]; do
                place=$place/${rest%%/*} rest=${rest#*/}
                if [ -L "$place" ]; then
                    linked=$(realpath "$place")
                    rm "$place"
                    mkdir "$place"
                    for file in "$linked"/*; do ln -s "$file" "$place/"; done
                fi
                mkdir -p "$place"
            done
            rm -f "$place/$rest"
            cp "$1" "$place/$rest"
        }
        [ $# -eq 2 ] || [ $# -eq 3 ] || fail "usage: predict.sh TEST.csv OUT.csv [FOLDER]" 64
        [ -f "$1" ] || fail "there is no file $1" 1
        folder=${3:-\(quoted(mount.path))}
        [ -f "$folder/train.csv" ] || fail "$folder has no train.csv; name the task's folder as third argument" 1
        box=$(mktemp -d)
        trap 'rm -rf "$box"' EXIT
        mkdir "$box/input" "$box/final" "$box/working" "$box/model"
        for file in "$folder"/*; do ln -s "$(realpath "$file")" "$box/input/"; done
        for name in \(testNames.map(quoted).joined(separator: " ")); do put "$1" "$name"; done
        if [ -f "$here/model.tar.gz" ]; then tar -xzf "$here/model.tar.gz" -C "$box/model" --no-same-owner; fi
        for kept in "$here"/model-member-*.tar.gz; do
            [ -f "$kept" ] || continue
            member=${kept##*/model-}
            member=$box/model/${member%.tar.gz}
            mkdir "$member"
            tar -xzf "$kept" -C "$member" --no-same-owner
        done
        cp "$here/solution.py" "$box/"
        export MLESTAR_SEED=\(settings.seed) MLESTAR_CORES=\(settings.cores) OMP_NUM_THREADS=\(settings.cores) PYTHONHASHSEED=\(settings.seed)
        export MLESTAR_SCORE_LINE=optional
        (cd "$box" && "${MLESTAR_PYTHON:-python3}" solution.py >&2) || fail "solution.py failed" 1
        [ -f "$box/final/submission.csv" ] || fail "solution.py wrote no final/submission.csv" 1
        cp "$box/final/submission.csv" "$2"

        """
    }

    private func quoted(_ path: String) -> String { "'\(path.replacing("'", with: "'\\''"))'" }
}
