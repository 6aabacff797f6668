from stripe_sandbox.options import parse
from stripe_sandbox.server import run

if __name__ == "__main__":
    run(parse())
