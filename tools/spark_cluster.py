"""Run a command against a Spark cluster of one master and two workers on the loopback interface.

    python tools/spark_cluster.py -- COMMAND [ARGUMENT...]

The cluster comes out of the installed pyspark and needs Java 17 or newer. The command finds the master's
address in ROTASCOPE_TEST_SPARK_MASTER, and ROTASCOPE_TEST_SPARK=1. Whatever happens to the command, the
master and the workers are stopped at the end, and what they wrote is removed. The exit code is the command's.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

HOST = "127.0.0.1"
WORKERS = 2
WORKER_MEMORY = "3g"
START_SECONDS = 90
STOP_SECONDS = 15
# Values of spark-defaults.conf for the driver: everything stays on the loopback interface.
DEFAULTS = {
    "spark.driver.host": HOST,
    "spark.driver.bindAddress": HOST,
    "spark.driver.memory": "1g",
    "spark.executor.memory": "2500m",
    "spark.sql.shuffle.partitions": "16",
}


def spark_home() -> Path:
    """Return the folder of the Spark that pyspark carries, or stop with the fix."""
    try:
        import pyspark
    except ImportError:
        raise SystemExit("pyspark is not installed; run: pip install 'rotascope[spark]'") from None
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        raise SystemExit("Spark needs Java 17 or newer: install it, or set JAVA_HOME")
    return Path(pyspark.__file__).parent


def start(home: Path, scratch: Path, name: str, arguments: Sequence[str], ready: str) -> re.Match[str]:
    """Start one daemon, which `stop_all` knows by its process id; return the line that says it is ready."""
    log = scratch / f"{name}.log"
    environment = {
        **os.environ,
        "SPARK_HOME": str(home),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_LOCAL_DIRS": str(scratch / "local"),
        "SPARK_DAEMON_MEMORY": "512m",
    }
    command = [str(home / "bin" / "spark-class"), *arguments]
    with log.open("w") as output:
        _running.append(
            subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env=environment, start_new_session=True
            )
        )
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        found = re.search(ready, log.read_text(errors="replace"))
        if found:
            return found
        if _running[-1].poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit(f"Spark's {name} did not start:\n{log.read_text(errors='replace')[-2000:]}")


_running: list[subprocess.Popen[bytes]] = []


def stop_all() -> None:
    """Stop the daemons that this process started, workers first, each with its own executors."""
    while _running:
        process = _running.pop()
        for how in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(process.pid, how)
                process.wait(STOP_SECONDS)
                break
            except ProcessLookupError:
                process.wait()
                break
            except subprocess.TimeoutExpired:
                continue


@contextmanager
def cluster() -> Iterator[tuple[str, Path]]:
    """Yield the master's address and a folder with its configuration; stop everything at the end."""
    home = spark_home()
    with ExitStack() as end:
        scratch = Path(end.enter_context(tempfile.TemporaryDirectory(prefix="spark-cluster-")))
        end.callback(stop_all)
        deploy = "org.apache.spark.deploy"
        found = start(
            home,
            scratch,
            "master",
            [f"{deploy}.master.Master", "--host", HOST, "--port", "0", "--webui-port", "0"],
            r"Starting Spark master at (spark://\S+)",
        )
        master = found.group(1)
        for i in range(WORKERS):
            size = ["--cores", "1", "--memory", WORKER_MEMORY, "--work-dir", str(scratch / f"work{i}")]
            where = ["--host", HOST, "--webui-port", "0", master]
            start(
                home,
                scratch,
                f"worker{i}",
                [f"{deploy}.worker.Worker", *size, *where],
                r"Successfully registered with master",
            )
        defaults = {**DEFAULTS, "spark.local.dir": str(scratch / "local")}
        (scratch / "spark-defaults.conf").write_text("".join(f"{k} {v}\n" for k, v in defaults.items()))
        yield master, scratch


def main(arguments: Sequence[str]) -> int:
    """Run the command with a cluster around it."""
    command = list(arguments[1:] if arguments[:1] == ["--"] else arguments)
    if not command:
        raise SystemExit("usage: python tools/spark_cluster.py -- COMMAND [ARGUMENT...]")
    signal.signal(signal.SIGTERM, _leave)
    with cluster() as (master, configuration):
        print(f"{master} with {WORKERS} workers", flush=True)
        environment = {
            **os.environ,
            "SPARK_CONF_DIR": str(configuration),
            "SPARK_LOCAL_IP": HOST,
            "ROTASCOPE_TEST_SPARK": "1",
            "ROTASCOPE_TEST_SPARK_MASTER": master,
        }
        return subprocess.run(command, env=environment, check=False).returncode


def _leave(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
