"""Workers of a Dask cluster. It needs the extra `releve[cluster]`: loaded only when asked for."""

import logging
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from distributed import Client, LocalCluster
from distributed.comm.addressing import get_address_host_port

from api import many

LOCAL = "local"
PATIENCE_SECONDS = 10


@contextmanager
def workers(address: str, count: int) -> Iterator[Executor]:
    """Those of the scheduler at `address`, or for `local` `count` processes of this machine.

    Raises NoWorkers.
    """
    if address == LOCAL:
        with _local(count) as cluster, Client(cluster, set_as_default=False) as client:
            yield _executor(client)
    else:
        with _client(address) as client:
            yield _executor(client)


def _local(count: int) -> LocalCluster:
    """No memory limit, as for our own processes; nothing listens beyond this machine.

    What is ignored while the workers are born, they ignore too: an interruption is for us alone.
    """
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            memory_limit=0,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            silence_logs=logging.CRITICAL,
        )
    finally:
        signal.signal(signal.SIGINT, former)


def _client(address: str) -> Client:
    try:
        # A client that was refused takes half a minute to give up, loudly.
        socket.create_connection(get_address_host_port(address), PATIENCE_SECONDS).close()
        client = Client(address, timeout=PATIENCE_SECONDS, set_as_default=False)
    except (OSError, ValueError):
        raise many.NoWorkers(
            f"--cluster : aucun ordonnanceur Dask ne répond à l'adresse « {address} »."
        ) from None
    try:
        client.wait_for_workers(1, timeout=PATIENCE_SECONDS)
    except TimeoutError:
        client.close()
        raise many.NoWorkers(
            f"--cluster : l'ordonnanceur « {address} » n'a aucun processus de calcul."
        ) from None
    return client


def _executor(client: Client) -> Executor:
    # Never an answer of an earlier run: the files may have changed under the same names.
    executor: Executor = client.get_executor(pure=False)
    return executor
