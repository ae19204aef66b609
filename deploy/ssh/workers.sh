#!/usr/bin/env bash
# Starts, stops and looks after workers on the hosts of a list, by ssh.
#
#   deploy/ssh/workers.sh install HOSTS            copy mlestar-worker, and the key file of --key
#   deploy/ssh/workers.sh start   HOSTS            start a worker wherever none runs
#   deploy/ssh/workers.sh stop    HOSTS            ask workers to end; they hand back what they run
#   deploy/ssh/workers.sh restart HOSTS            both
#   deploy/ssh/workers.sh status  HOSTS            say what runs where; exit code 1 unless all run
#
#   --coordinator ADDRESS   where workers find the coordinator, such as tcp://head:5555 (start, restart)
#   --key FILE              the workers' key file, made by `mlestar keys new`
#   --worker FILE           the program to copy (default: .build/release/mlestar-worker)
#
# HOSTS holds one host a line: what ssh calls it, then arguments of its worker, such as `gpu1 --slots 2 --gpus 0,1`.
# Lines that begin with # are not read. Nothing secret is ever an argument: key files and commands go through ssh's input.
set -euo pipefail

fail() { printf 'error: %s\n' "$*" >&2; exit 1; }
quote() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[ $# -ge 2 ] || fail "usage: workers.sh install|start|stop|restart|status HOSTS [--coordinator ADDRESS] [--key FILE] [--worker FILE]"
what=$1 list=$2
shift 2
coordinator='' key='' program=$root/.build/release/mlestar-worker
while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 needs a value"
    case $1 in
        --coordinator) coordinator=$2 ;;
        --key) key=$2 ;;
        --worker) program=$2 ;;
        *) fail "unknown option '$1'; known: --coordinator, --key, --worker" ;;
    esac
    shift 2
done
case $what in install | start | stop | restart | status) ;; *) fail "unknown command '$what'; known: install, start, stop, restart, status" ;; esac
[ -r "$list" ] || fail "there is no list of hosts '$list'"
if [ "$what" = start ] || [ "$what" = restart ]; then
    case $coordinator in
        tcp://* | ipc://*) ;;
        *) fail "--coordinator must begin with tcp:// (or ipc://), not '$coordinator'" ;;
    esac
fi
[ -z "$key" ] || [ -r "$key" ] || fail "cannot read the key file '$key'"
[ "$what" != install ] || [ -x "$program" ] || fail "there is no program '$program'; build it, or name it with --worker"

# What every remote shell begins with. A worker's process is the one that holds its folder's lock.
prelude='
set -eu
umask 077
home=${MLESTAR_HOME:-$HOME/.mlestar}
worker=$home/bin/mlestar-worker
folder=$home/workers/$name
running() {
    pid=$(cat "$folder/lock" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null &&
        tr "\0" " " <"/proc/$pid/cmdline" | grep -q mlestar-worker
}
'
start_part='
if running; then echo "runs already, process $pid"; else
    [ -x "$worker" ] || { echo "there is no $worker: run workers.sh install first"; exit 1; }
    mkdir -p "$folder"
    [ ! -f "$home/keys/worker" ] || set -- --key "$home/keys/worker" "$@"
    setsid nohup "$worker" --coordinator "$coordinator" --name "$name" --folder "$folder" "$@" \
        </dev/null >>"$folder/worker.log" 2>&1 &
    i=0
    while ! running; do
        i=$((i + 1))
        if [ $i -gt 60 ]; then echo "did not start:"; tail -n 3 "$folder/worker.log"; exit 1; fi
        sleep 0.5
    done
    echo "started, process $pid"
fi
'
stop_part='
if running; then
    kill -TERM "$pid"
    i=0
    while kill -0 "$pid" 2>/dev/null; do
        i=$((i + 1))
        [ $i -le 60 ] || { kill -KILL "$pid"; echo "did not end in 30 s and was killed, process $pid"; break; }
        sleep 0.5
    done
    [ $i -gt 60 ] || echo "ended, process $pid"
else echo "does not run"; fi
'

on_ssh() { ssh -o BatchMode=yes -o ConnectTimeout=10 "$@" 2>&1; }

# Puts a file on a host below ~/.mlestar, by way of ssh's input, and makes it `mode`.
put() {
    local host=$1 file=$2 place=$3 mode=$4
    on_ssh "$host" "umask 077; home=\${MLESTAR_HOME:-\$HOME/.mlestar}; mkdir -p \"\$home/${place%/*}\" &&
        cat >\"\$home/$place.new\" && chmod $mode \"\$home/$place.new\" && mv \"\$home/$place.new\" \"\$home/$place\" &&
        echo installed $place" <"$file"
}

on_host() {
    local host=$1 arguments=$2 script
    if [ "$what" = install ]; then
        put "$host" "$program" bin/mlestar-worker 700 || return
        [ -z "$key" ] || put "$host" "$key" keys/worker 600
        return
    fi
    script="name=$(quote "$host"); coordinator=$(quote "$coordinator"); set -- $arguments$prelude"
    case $what in
        start) script+=$start_part ;;
        stop) script+=$stop_part ;;
        restart) script+=$stop_part$start_part ;;
        status) script+='if running; then echo "runs, process $pid"; else echo "does not run"; exit 1; fi' ;;
    esac
    # The far shell reads commands from its input: nothing of them shows among the processes of either host.
    printf '%s\n' "$script" | on_ssh "$host" sh
}

failed=0 hosts=0
pids=()
while read -r host arguments; do
    case $host in '' | '#'*) continue ;; esac
    case $host$arguments in *[!A-Za-z0-9._@:=/,\ -]*) fail "a line of $list has characters other than letters, digits and . _ @ : = / , -: '$host $arguments'" ;; esac
    case $host in -*) fail "a host of $list begins with a dash: '$host'" ;; esac
    hosts=$((hosts + 1))
    on_host "$host" "$arguments" </dev/null > >(sed "s/^/$host: /") &
    pids+=($!)
done <"$list"
[ $hosts -gt 0 ] || fail "$list names no host"
for pid in "${pids[@]}"; do wait "$pid" || failed=$((failed + 1)); done
[ $failed = 0 ] || fail "$failed of $hosts hosts: see above"
