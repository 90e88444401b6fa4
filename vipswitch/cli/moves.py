"""Which past moves a command line means: of all VIPs or of one, by name or address."""

from __future__ import annotations

import json

from vipswitch import configfile
from vipswitch.errors import ConfigError
from vipswitch.folders import history_folders, run_folder
from vipswitch.history import History
from vipswitch.move import Move
from vipswitch.options import Options

_HELP = "see `vipswitch history --help` and `vipswitch timeline --help`"


def recorded(options: Options) -> list[Move]:
    """The moves of the VIP that is named, else all, oldest first. Raises ConfigError for an unknown VIP.

    A VIP that is no longer in the config, or never was because flags gave it, is known by its moves.
    """
    if options.flags:
        raise ConfigError(f"--{next(iter(options.flags))}: not a flag of this command", hint=_HELP)
    config = configfile.read(options.config)
    moves = History(history_folders(run_folder(config.tool.run_dir, make=False))).moves()
    if not options.names:
        return moves
    wanted = options.names[0]
    mine = [move for move in moves if move.vip == wanted]
    if mine:
        return mine
    names = {config.select(name, {}).vip.name for name in config.members(wanted)}
    return [move for move in moves if move.vip in names]


def one(options: Options) -> Move:
    """The move to look at: the one with that id, else the last but some. Raises ConfigError."""
    moves = recorded(options)
    if options.move is not None:
        found = [move for move in moves if move.id.startswith(options.move)]
        return _only(found, f"move {options.move}: not in the history of this node")
    return _only(moves[-options.count :][:1] if len(moves) >= options.count else [], _too_few(len(moves)))


def as_json(move: Move) -> dict[str, object]:
    """A move for scripts: as the history has it, and its id."""
    return {"id": move.id, **json.loads(move.to_json())}


def _only(found: list[Move], otherwise: str) -> Move:
    if len(found) != 1:
        raise ConfigError(otherwise, hint="see `vipswitch history`")
    return found[0]


def _too_few(count: int) -> str:
    return "no move has been recorded yet" if count == 0 else f"only {count} recorded so far"
