"""python-chess drives a UCI engine through whole games; what it finds goes to the standard output as JSON."""
import json
import logging
import sys

import chess
import chess.engine

problems = []


class Collect(logging.Handler):
    """python-chess logs what it does not understand."""

    def emit(self, record):
        if record.levelno >= logging.WARNING:
            problems.append(record.getMessage())


logging.getLogger("chess.engine").addHandler(Collect())


def play_game(engine, seed, plies):
    """One game against itself; python-chess raises on an illegal move."""
    engine.configure({"Temperature": "1.0", "Seed": seed})
    board = chess.Board()
    game = object()
    while not board.is_game_over() and board.ply() < plies:
        result = engine.play(board, chess.engine.Limit(time=0.05), game=game)
        assert result.move in board.legal_moves, result.move
        board.push(result.move)
    return board


def probabilities(engine, board, count):
    """What the engine tells of its most probable moves."""
    found = {}
    with engine.analysis(board, chess.engine.Limit(nodes=1), multipv=count) as analysis:
        for info in analysis:
            words = info.get("string", "").split()
            if len(words) == 5 and words[0] == "multipv":
                found[words[2]] = float(words[4])
    return found


def main():
    engine = chess.engine.SimpleEngine.popen_uci(sys.argv[1:], timeout=120)
    boards = [play_game(engine, seed, plies) for seed, plies in ((1, 80), (2, 24))]
    engine.configure({"Temperature": "0", "UCI_Elo": 1800, "OpponentElo": 1200})
    board = chess.Board()
    for uci in ["e2e4", "e7e5", "g1f3"]:
        board.push_uci(uci)
    found = probabilities(engine, board, 5)
    mate = chess.Board()
    for uci in ["f2f3", "e7e5", "g2g4", "d8h4"]:
        mate.push_uci(uci)
    mated = engine.play(mate, chess.engine.Limit(time=0.05)).move
    engine.ping()
    engine.quit()
    print(json.dumps({
        "games": [[move.uci() for move in board.move_stack] for board in boards],
        "probabilities": found,
        "mated": mated.uci() if mated is not None else None,
        "problems": problems,
    }))


main()
