from slack_sandbox.options import parse
from slack_sandbox.server import run

if __name__ == "__main__":
    run(parse())
